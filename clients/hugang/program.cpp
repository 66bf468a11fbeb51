#include "clients/hugang/program.hpp"

#include <CLI/Error.hpp>
#include <algorithm>
#include <ostream>

#include "clients/hugang/command_line.hpp"

namespace hugang::program {
namespace {

std::string path_of(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : path_of(*parent) + " " + command.get_name();
}

/// One sentence; CLI11 puts each detail on a line of its own.
std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

int run(const std::vector<std::string>& arguments, Surroundings& around) {
  Context context{around};
  CommandLine line{context};
  if (arguments.empty()) {
    around.err << line.root().help();
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    line.parse(arguments);
  } catch (const CLI::Success& asked) {
    return line.root().exit(asked, around.out, around.err);
  } catch (const CLI::ParseError& error) {
    // The options may not have been read to the end.
    context.options.json = std::ranges::find(arguments, "--json") != arguments.end();
    const Failure failure{.exit_code = ExitCode::kUsage,
                          .code = "USAGE",
                          .sentence = in_one_line(error.what()) + "; see " +
                                      path_of(chosen_command(line.root())) + " --help"};
    return static_cast<int>(context.report(failure));
  }
  const Attempt<ExitCode> result = line.run();
  return static_cast<int>(result ? *result : context.report(result.error()));
}

client::Result<client::Client> connect(const GlobalOptions& options, const std::string& profile) {
  client::Profile chosen;
  const bool is_other = !profile.empty();
  const bool is_complete =
      !options.node.empty() && !options.ca.empty() && !options.cert.empty() && !options.key.empty();
  if (is_other || !is_complete) {
    const auto file = client::read_profiles(client::default_profile_path());
    if (!file) return std::unexpected{file.error()};
    const auto found = client::find_profile(*file, is_other ? profile : options.profile);
    if (!found) return std::unexpected{found.error()};
    chosen = *found;
  }
  if (!is_other) {
    if (!options.node.empty()) chosen.address = options.node;
    if (!options.ca.empty()) chosen.ca = options.ca;
    if (!options.cert.empty()) chosen.cert = options.cert;
    if (!options.key.empty()) chosen.key = options.key;
    if (!options.server_name.empty()) chosen.server_name = options.server_name;
  }
  return client::Client::open(chosen);
}

}  // namespace hugang::program
