// Scenario lines that set the scene: cities, peers, registers, rules and keys.
#include <gtest/gtest.h>

#include "tests/scenario/script.hpp"

namespace hugang::scenario {
namespace {

constexpr base::ParticipantId kNode{0};
constexpr base::ParticipantId kOperator{1};

template <std::size_t N>
void put(wire::FixedText<N>& field, const std::string& text) {
  if (!field.assign(text)) throw ScriptError{"too long: " + text};
  for (char& c : field.chars) {
    if (c == '!') c = '\x07';  // how a scenario writes a control character
  }
}

std::uint32_t parse_roles(const std::string& name) {
  if (name == "participant") return wire::role::kParticipant;
  if (name == "regulator") return wire::role::kRegulator;
  if (name == "operator") return wire::role::kOperator | wire::role::kParticipant;
  return static_cast<std::uint32_t>(parse_number(name));
}

}  // namespace

/// city NAME NODE: genesis, the operator as participant 1, the node's first key.
void Script::found_city(Words& words) {
  const std::string name = words.take();
  const auto node = static_cast<std::uint32_t>(parse_number(words.take()));
  City& founded = cities_.emplace_back(name, base::NodeId{node});
  const Actor self{&founded, kNode};
  wire::Genesis genesis;
  genesis.id = fresh_id();
  genesis.node = founded.node();
  put(genesis.code, name);
  put(genesis.name, name + " 沪港");
  submit(self, wire::CommandKind::kGenesis, genesis, "");

  wire::RegisterParticipant bank;
  bank.id = fresh_id();
  bank.roles = parse_roles("operator");
  put(bank.code, name);
  put(bank.name, name);
  submit(self, wire::CommandKind::kRegisterParticipant, bank, "");
  participants_[name] = {&founded, kOperator};

  crypto::PrivateKey key = fixed_key(node);
  const auto record = key_record(key.public_key(), kBegin, parse_time("+365d"));
  wire::RotateKey first;
  first.id = fresh_id();
  first.key = record;
  submit({&founded, kOperator}, wire::CommandKind::kRotateKey, first, "");
  keys_[name].push_back({std::move(key), record});
}

/// peers A B: each registers the other with its first key.
void Script::introduce_peers(Words& words, const std::string& expected) {
  City& a = city(words.take());
  City& b = city(words.take());
  for (const auto& [at, other] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    wire::RegisterPeer command;
    command.id = fresh_id();
    command.peer = other->node();
    put(command.code, other->name());
    command.key = keys_.at(other->name()).front().record;
    submit({at, kOperator}, wire::CommandKind::kRegisterPeer, command, expected);
  }
}

/// asset CODE ID issuer CITY scale N [by ACTOR]: in every city, or by one actor alone.
void Script::register_asset(Words& words, const std::string& expected) {
  const std::string code = words.take();
  wire::RegisterAsset command;
  command.asset = base::AssetId{static_cast<std::uint32_t>(parse_number(words.take()))};
  put(command.code, code);
  words.expect("issuer");
  command.issuer = city(words.take()).node();
  words.expect("scale");
  command.scale = static_cast<std::uint8_t>(parse_number(words.take()));
  if (words.take_if("by")) {
    command.id = fresh_id();
    submit(actor(words.take()), wire::CommandKind::kRegisterAsset, command, expected);
    return;
  }
  for (City& each : cities_) {
    command.id = fresh_id();
    submit({&each, kOperator}, wire::CommandKind::kRegisterAsset, command, expected);
  }
  assets_[code] = {command.asset, command.scale};
}

/// participant NAME [in CITY] [role R] [named "TEXT"] [by ACTOR]
void Script::register_participant(Words& words, const std::string& expected) {
  const std::string name = words.take();
  Actor by{&cities_.front(), kOperator};
  wire::RegisterParticipant command;
  command.id = fresh_id();
  command.roles = wire::role::kParticipant;
  put(command.code, name);
  put(command.name, name);
  if (words.take_if("in")) by.city = &city(words.take());
  if (words.take_if("role")) command.roles = parse_roles(words.take());
  if (words.take_if("named")) put(command.name, words.take());
  if (words.take_if("by")) by = actor(words.take());
  submit(by, wire::CommandKind::kRegisterParticipant, command, expected);
  const wire::Outcome& outcome = by.city->effects().outcomes[0];
  if (outcome.code == machine::Code::kOk) {
    participants_[name] = {by.city, base::ParticipantId{static_cast<std::uint32_t>(outcome.value)}};
  }
}

void Script::open_one(const Actor& by, const std::string& name, const wire::OpenAccount& command,
                      const std::string& asset_code, const std::string& expected) {
  submit(by, wire::CommandKind::kOpenAccount, command, expected);
  const wire::Outcome& outcome = by.city->effects().outcomes[0];
  if (outcome.code == machine::Code::kOk) {
    accounts_[name] = {by.city, base::AccountNumber{outcome.value}, asset_code};
  }
}

/// account|reserve NAME OWNER ASSET [credit] [review] [flags N] [alias "TEXT"] [by ACTOR]
void Script::open_account(Words& words, wire::AccountKind kind, const std::string& expected) {
  const std::string name = words.take();
  const Actor owner = actor(words.take());
  const std::string asset_code = words.take();
  wire::OpenAccount command;
  command.id = fresh_id();
  command.owner = owner.caller;
  command.asset = asset(asset_code).id;
  command.kind = kind;
  put(command.alias, name);
  if (kind == wire::AccountKind::kCustomer) command.flags = wire::account_flag::kNoDebitBalance;
  if (words.take_if("credit")) command.flags = 0;
  if (words.take_if("review")) command.flags |= wire::account_flag::kReviewIncoming;
  if (words.take_if("flags")) {
    command.flags = static_cast<std::uint32_t>(parse_number(words.take()));
  }
  if (words.take_if("kind")) {
    command.kind = static_cast<wire::AccountKind>(parse_number(words.take()));
  }
  if (words.take_if("alias")) put(command.alias, words.take());
  Actor by{owner.city, kOperator};
  if (words.take_if("by")) by = actor(words.take());
  open_one(by, name, command, asset_code, expected);
}

/// corridor A B ASSET: both sides of what the two cities owe each other; the accounts are called
/// A/B/ASSET and B/A/ASSET.
void Script::open_corridors(Words& words, const std::string& expected) {
  City& a = city(words.take());
  City& b = city(words.take());
  const std::string asset_code = words.take();
  for (const auto& [at, other] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    wire::OpenAccount command;
    command.id = fresh_id();
    command.owner = kOperator;
    command.asset = asset(asset_code).id;
    command.kind = wire::AccountKind::kCorridor;
    command.peer = other->node();
    open_one({at, kOperator}, at->name() + "/" + other->name() + "/" + asset_code, command,
             asset_code, expected);
  }
}

/// ACTOR VERB ID ...: changes of registers.
bool Script::run_register(const Actor& by, const std::string& verb, Words& words,
                          const std::string& expected) {
  if (verb == "freeze" || verb == "unfreeze" || verb == "close" || verb == "review" ||
      verb == "unreview" || verb == "set-flags") {
    update_account(by, verb, words, expected);
  } else if (verb == "suspend" || verb == "reinstate") {
    wire::UpdateParticipant command;
    command.id = id(words.take());
    command.participant = actor(words.take()).caller;
    command.suspend = verb == "suspend" ? 1 : 0;
    submit(by, wire::CommandKind::kUpdateParticipant, command, expected);
  } else if (verb == "rules") {
    set_rules(by, words, expected);
  } else if (verb == "rotate") {
    rotate_key(by, words, expected);
  } else if (verb == "resume") {
    wire::ResumePeer command;
    command.id = id(words.take());
    command.peer = city(words.take()).node();
    submit(by, wire::CommandKind::kResumePeer, command, expected);
  } else if (verb == "genesis") {
    wire::Genesis command;
    command.id = id(words.take());
    command.node = by.city->node();
    put(command.code, "again");
    put(command.name, "again");
    submit(by, wire::CommandKind::kGenesis, command, expected);
  } else {
    return false;
  }
  words.expect_end();
  return true;
}

/// ACTOR freeze|unfreeze|close|review|unreview ID ACCOUNT, ACTOR set-flags ID ACCOUNT SET CLEAR
void Script::update_account(const Actor& by, const std::string& verb, Words& words,
                            const std::string& expected) {
  wire::UpdateAccount command;
  command.id = id(words.take());
  command.account = account(words.take()).number;
  if (verb == "freeze") command.set_flags = wire::account_flag::kFrozen;
  if (verb == "unfreeze") command.clear_flags = wire::account_flag::kFrozen;
  if (verb == "close") command.set_flags = wire::account_flag::kClosed;
  if (verb == "review") command.set_flags = wire::account_flag::kReviewIncoming;
  if (verb == "unreview") command.clear_flags = wire::account_flag::kReviewIncoming;
  if (verb == "set-flags") {
    command.set_flags = static_cast<std::uint32_t>(parse_number(words.take()));
    command.clear_flags = static_cast<std::uint32_t>(parse_number(words.take()));
  }
  submit(by, wire::CommandKind::kUpdateAccount, command, expected);
}

/// ACTOR rules ID version N [from TIME] {single ASSET AMOUNT | cap ASSET CITY AMOUNT}
void Script::set_rules(const Actor& by, Words& words, const std::string& expected) {
  wire::SetRulesHead head;
  head.id = id(words.take());
  words.expect("version");
  head.version = static_cast<std::uint32_t>(parse_number(words.take()));
  if (words.take_if("from")) head.effective_from = parse_time(words.take());
  std::vector<wire::Rule> rules;
  while (!words.is_empty()) {
    wire::Rule rule;
    const bool is_cap = words.take_if("cap");
    if (!is_cap) words.expect("single");
    rule.kind = is_cap ? wire::RuleKind::kCorridorCap : wire::RuleKind::kSingleMax;
    const AssetName of = asset(words.take());
    rule.asset = of.id;
    if (is_cap) rule.peer = city(words.take()).node();
    rule.value = parse_amount(words.take(), of.scale);
    rules.push_back(rule);
  }
  submit(by, wire::CommandKind::kSetRules, wire::encode_set_rules(head, rules), expected);
}

/// ACTOR rotate ID key N from TIME to TIME previous until TIME
void Script::rotate_key(const Actor& by, Words& words, const std::string& expected) {
  wire::RotateKey command;
  command.id = id(words.take());
  words.expect("key");
  crypto::PrivateKey key = fixed_key(static_cast<std::uint32_t>(parse_number(words.take())));
  words.expect("from");
  const base::Timestamp from = parse_time(words.take());
  words.expect("to");
  command.key = key_record(key.public_key(), from, parse_time(words.take()));
  words.expect("previous");
  words.expect("until");
  command.previous_valid_to = parse_time(words.take());
  if (words.take_if("misnamed")) command.key.key_id = base::KeyId{7};
  submit(by, wire::CommandKind::kRotateKey, command, expected);
  if (by.city->effects().outcomes[0].code == machine::Code::kOk) {
    keys_[by.city->name()].push_back({std::move(key), command.key});
  }
}

}  // namespace hugang::scenario
