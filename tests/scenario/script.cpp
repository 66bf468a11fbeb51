#include "tests/scenario/script.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "clearing/machine/codes.hpp"

namespace hugang::scenario {
namespace {

/// What a transfer did, from its flags.
std::string transfer_verb(std::uint16_t flags) {
  if ((flags & wire::transfer_flag::kHold) != 0) return "held ";
  if ((flags & wire::transfer_flag::kVoidHold) != 0) return "released ";
  return "posted ";
}

}  // namespace

void Script::run(const std::filesystem::path& path) {
  std::ifstream file{path};
  ASSERT_TRUE(file.good()) << path;
  run_lines(file, path.filename().string());
  ASSERT_FALSE(cities_.empty()) << "nothing was tested";
  for (const City& city : cities_) city.check_end();
}

void Script::run_text(const std::string& text) {
  std::istringstream lines{text};
  run_lines(lines, "text");
}

void Script::run_lines(std::istream& lines, const std::string& title) {
  int number = 0;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    const Line line = parse_line(text);
    if (line.words.empty()) continue;
    SCOPED_TRACE(title + ":" + std::to_string(number) + ": " + text);
    try {
      run_line(line);
    } catch (const ScriptError& error) {
      FAIL() << error.what();
    }
    if (testing::Test::HasFatalFailure()) return;
  }
}

void Script::run_line(const Line& line) {
  Words words{line.words};
  if (run_setup(words, line.expected)) return;
  const std::string verb = words.take();
  if (run_question(verb, words, line.expected)) return;
  if (run_channel(verb, words, line.expected)) return;
  const Actor by = actor(verb);
  const std::string doing = words.take();
  if (run_money(by, doing, words, line.expected)) return;
  if (run_register(by, doing, words, line.expected)) return;
  throw ScriptError{"not a command: " + doing};
}

bool Script::run_setup(Words& words, const std::string& expected) {
  if (words.take_if("city")) {
    found_city(words);
  } else if (words.take_if("peers")) {
    introduce_peers(words, expected);
  } else if (words.take_if("asset")) {
    register_asset(words, expected);
  } else if (words.take_if("participant")) {
    register_participant(words, expected);
  } else if (words.take_if("account")) {
    open_account(words, wire::AccountKind::kCustomer, expected);
  } else if (words.take_if("reserve")) {
    open_account(words, wire::AccountKind::kReserve, expected);
  } else if (words.take_if("corridor")) {
    open_corridors(words, expected);
  } else if (words.take_if("at")) {
    const base::Timestamp at = parse_time(words.take());
    if (at < now_) throw ScriptError{"time does not run back"};
    now_ = at;
  } else if (words.take_if("tick")) {
    submit({&city(words.take()), {}}, wire::CommandKind::kTick, wire::Tick{}, expected);
  } else if (words.take_if("batch")) {
    batch_.emplace();
  } else if (words.take_if("end")) {
    end_batch(words);
  } else if (words.take_if("again")) {
    last_->apply_again(now_);
  } else if (words.take_if("changed")) {
    last_->apply_changed(now_);
    answer(*last_, expected);
  } else {
    return false;
  }
  words.expect_end();
  return true;
}

City& Script::city(const std::string& name) {
  for (City& known : cities_) {
    if (known.name() == name) return known;
  }
  throw ScriptError{"no such city: " + name};
}

/// A city's name is its operator; node.CITY is the node itself, nobody.CITY a participant that does
/// not exist.
Script::Actor Script::actor(const std::string& name) {
  if (name.starts_with("node.")) return {&city(name.substr(5)), base::ParticipantId{0}};
  if (name.starts_with("nobody.")) return {&city(name.substr(7)), base::ParticipantId{99}};
  const auto found = participants_.find(name);
  if (found == participants_.end()) throw ScriptError{"nobody has this name: " + name};
  return found->second;
}

base::CommandId Script::id(const std::string& name) {
  if (name == "zero") return base::CommandId{};
  if (name == "all-ones") return base::CommandId{~base::u128{0}};
  const auto [place, is_new] = ids_.try_emplace(name, base::CommandId{0xA0000000U + ids_.size()});
  return place->second;
}

/// unknown.CITY is a good number that no account has; wrong.CITY has wrong check digits.
Script::AccountName Script::account(const std::string& name) {
  if (name == "none") return {nullptr, base::AccountNumber{}, ""};
  for (const bool is_wrong : {false, true}) {
    const std::string prefix = is_wrong ? "wrong." : "unknown.";
    if (!name.starts_with(prefix)) continue;
    City& of = city(name.substr(prefix.size()));
    const auto number = base::make_account_number({of.node(), base::AccountIndex{4000}});
    return {&of, base::AccountNumber{number.value() + (is_wrong ? 1 : 0)}, ""};
  }
  const auto found = accounts_.find(name);
  if (found == accounts_.end()) throw ScriptError{"no such account: " + name};
  return found->second;
}

Script::AssetName Script::asset(const std::string& code) {
  if (code == "none") return {base::AssetId{0}, 2};
  if (code == "UNKNOWN") return {base::AssetId{99}, 2};
  const auto found = assets_.find(code);
  if (found == assets_.end()) throw ScriptError{"no such asset: " + code};
  return found->second;
}

std::string Script::name_of(base::CommandId id) const {
  for (const auto& [name, known] : ids_) {
    if (known == id) return name;
  }
  return "?";
}

std::string Script::name_of(base::NodeId node) const {
  for (const City& known : cities_) {
    if (known.node() == node) return known.name();
  }
  return "node " + std::to_string(node.value());
}

void Script::submit(const Actor& by, wire::CommandKind kind, base::ByteSpan record,
                    const std::string& expected) {
  wire::BatchBuilder builder;
  builder.add_group(kind, by.caller, 1, record);
  by.city->apply(builder.section(), now_);
  last_ = by.city;
  answer(*by.city, expected);
}

/// Without an expectation the command must succeed.
void Script::answer(City& city, const std::string& expected) {
  last_ = &city;
  ASSERT_EQ(city.effects().outcomes.size(), 1U);
  if (expected.empty()) {
    EXPECT_EQ(code_name(city.effects().outcomes[0].code), "OK");
  } else {
    EXPECT_EQ(outcome_text(city, 0), expected);
  }
}

std::string Script::outcome_text(City& city, std::size_t index) const {
  const wire::Outcome& outcome = city.effects().outcomes[index];
  const bool is_repeated = (outcome.flags & wire::outcome_flag::kRepeated) != 0;
  const std::string prefix = is_repeated ? "repeated " : "";
  const wire::CommandKind kind = city.last_group().kind;
  if (outcome.code == machine::Code::kAwaitingAffirmation) return prefix + "awaiting";
  if (outcome.code != machine::Code::kOk) {
    bool is_halted = false;
    for (const auto& event : events_of(city)) is_halted |= event.starts_with("halted");
    return prefix + (is_halted ? "halted " : "refused ") + std::string{code_name(outcome.code)};
  }
  if (kind == wire::CommandKind::kTransfer) {
    const auto t = wire::read_record<wire::Transfer>(
        city.last_group().record(static_cast<std::uint32_t>(index)));
    unsigned scale = 2;  // a post need not name the asset
    for (const auto& [code, asset] : assets_) {
      if (asset.id == t.asset) scale = asset.scale;
    }
    return prefix + transfer_verb(t.flags) +
           amount_text(static_cast<base::i128>(outcome.value), scale);
  }
  if (kind == wire::CommandKind::kPeerEnvelope) {
    return "applied " + std::to_string(outcome.value);
  }
  const bool is_sent = kind == wire::CommandKind::kInstruct || kind == wire::CommandKind::kRecall ||
                       kind == wire::CommandKind::kReconcile;
  return prefix + (is_sent ? "sent" : "ok");
}

}  // namespace hugang::scenario
