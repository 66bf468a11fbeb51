// `hugang help`: commands again, and what belongs to no single command.
#include <memory>
#include <ostream>

#include "clients/hugang/command_line.hpp"
#include "clients/library/profile.hpp"

namespace hugang::program {
namespace {

struct Topic {
  const char* name;
  const char* text;
};

constexpr Topic kTopics[] = {
    {"ids",
     "Every request that changes something has an id, a UUID. The ledger keeps it with its answer: "
     "the\n"
     "same id with the same content is answered as the first time and never done twice; the same "
     "id\n"
     "with other content is refused. hugang makes a new id for each run and prints it; when a run "
     "ends\n"
     "without an answer (exit codes 3, 5, 6), run the same command again with --id and that id.\n"
     "\n"
     "  id=$(uuidgen -r)\n"
     "  until hugang pay --id $id --from 1000000000145 --to 2000000000192 --amount 12.50 --asset "
     "CNY.D; do\n"
     "    case $? in 3|5|6) sleep 1 ;; *) break ;; esac\n"
     "  done\n"
     "\n"
     "The id of a cross-border payment is its UETR, by which both nodes know it.\n"},
    {"profiles",
     "A profile says which node to speak to, and as whom. The file is HUGANG_CONFIG, or\n"
     "~/.config/hugang/config.toml; HUGANG_PROFILE or --profile choose one, else `default` does.\n"
     "\n"
     "  default = \"alice\"\n"
     "  [profile.alice]\n"
     "  address = \"127.0.0.1:7401\"\n"
     "  ca = \"pki/shanghai/ca.pem\"                 # relative to this file\n"
     "  cert = \"pki/shanghai/clients/ALICE.pem\"\n"
     "  key = \"pki/shanghai/clients/ALICE.key\"\n"
     "  # server_name = \"localhost\"               # where the certificate's name is not the "
     "host\n"
     "\n"
     "--node, --ca, --cert and --key go before what the profile says; all four need no profile.\n"},
    {"amounts",
     "Amounts are written in the asset's unit with a point: 12.50 CNY.D is 1,250 fen, 10.0000 "
     "XAU.G is\n"
     "ten grams of fine gold. Commas may part groups of three, or be left out. More decimals than "
     "the\n"
     "asset has are refused: nothing is ever rounded. hugang assets tells the decimals.\n"},
    {"json",
     "--json prints exactly one document on standard output, also when the command fails:\n"
     "\n"
     "  {\"error\": {\"code\": \"INSUFFICIENT_FUNDS\", \"message\": \"...\", \"exit_code\": 1}, "
     "\"id\": \"...\"}\n"
     "\n"
     "Amounts and account numbers are text, since numbers of JSON lose digits above 2^53: `amount` "
     "in\n"
     "the asset's unit without commas, `amount_minor` in minor units. Times are RFC 3339 in UTC "
     "with\n"
     "nanoseconds, or null. Field names are stable; new ones may be added.\n"},
};

void print_exit_codes(Context& context) {
  Table table{{{"CODE", Align::kRight}, {"ERROR LINE"}, {"MEANING"}, {"WHAT TO DO"}}};
  for (const ExitCodeRow& row : exit_code_rows()) {
    table.add_row({std::to_string(static_cast<int>(row.code)),
                   row.code == ExitCode::kOk ? "" : std::string{row.word} + ": CODE: ...",
                   row.meaning, row.advice});
  }
  table.print(context.out(), context.style());
}

Attempt<ExitCode> help(Context& context, CommandLine& line, const std::vector<std::string>& words) {
  if (words.size() == 1 && words.front() == "exit-codes") {
    print_exit_codes(context);
    return ExitCode::kOk;
  }
  for (const Topic& topic : kTopics) {
    if (words.size() == 1 && words.front() == topic.name) {
      context.out() << topic.text;
      return ExitCode::kOk;
    }
  }
  CLI::App* command = &line.root();
  std::string path;
  for (const std::string& word : words) {
    path += (path.empty() ? "" : " ") + word;
    const auto below =
        command->get_subcommands([&](const CLI::App* each) { return each->get_name() == word; });
    command = below.empty() ? nullptr : below.front();
    if (command == nullptr) {
      return usage_failure("there is no command and no topic '" + path + "'; see hugang --help");
    }
  }
  const auto last = path.rfind(' ');
  context.out() << command->help(path.empty()                ? ""
                                 : last == std::string::npos ? "hugang"
                                                             : "hugang " + path.substr(0, last));
  return ExitCode::kOk;
}

}  // namespace

void add_help_commands(CommandLine& line) {
  const auto words = std::make_shared<std::vector<std::string>>();
  line.add(line.root(), "help",
           {.what = "Explain a command or a topic",
            .examples = {"hugang help", "hugang help exit-codes", "hugang help ids",
                         "hugang help admin peer add"},
            .more = "Topics: exit-codes, ids, profiles, amounts, json"},
           [words, &line](Context& context) { return help(context, line, *words); })
      .add_option("words", *words, "A topic, or the words of a command");
}

}  // namespace hugang::program
