// Scenario lines that move money: transfers, batches of them, and settlements between cities.
#include <gtest/gtest.h>

#include "tests/scenario/script.hpp"

namespace hugang::scenario {
namespace {

std::optional<wire::SettlementKind> settlement_kind(const std::string& verb) {
  if (verb == "payment") return wire::SettlementKind::kPayment;
  if (verb == "pvp") return wire::SettlementKind::kPvp;
  if (verb == "dvp") return wire::SettlementKind::kDvp;
  if (verb == "return") return wire::SettlementKind::kReturn;
  return std::nullopt;
}

std::optional<std::uint16_t> flag_of(const std::string& word) {
  namespace flag = wire::transfer_flag;
  if (word == "linked") return flag::kLinked;
  if (word == "hold") return flag::kHold;
  if (word == "post") return flag::kPostHold;
  if (word == "void") return flag::kVoidHold;
  if (word == "balancing-debit") return flag::kBalancingDebit;
  if (word == "balancing-credit") return flag::kBalancingCredit;
  if (word == "unknown-flag") return std::uint16_t{1U << 15};
  return std::nullopt;
}

}  // namespace

bool Script::run_money(const Actor& by, const std::string& verb, Words& words,
                       const std::string& expected) {
  if (verb == "transfer") {
    const wire::Transfer transfer = parse_transfer(words);
    if (batch_) {
      batch_->actor = by;
      batch_->transfers.push_back(transfer);
      batch_->expected.push_back(expected);
    } else {
      submit(by, wire::CommandKind::kTransfer, transfer, expected);
    }
  } else if (settlement_kind(verb)) {
    submit(by, wire::CommandKind::kInstruct, parse_instruct(verb, words), expected);
  } else if (verb == "affirm" || verb == "decline") {
    wire::Affirm command;
    command.id = id(words.take());
    command.settlement = id(words.take());
    command.decline = verb == "decline" ? 1 : 0;
    submit(by, wire::CommandKind::kAffirm, command, expected);
  } else if (verb == "recall") {
    wire::Recall command;
    command.id = id(words.take());
    command.settlement = id(words.take());
    if (!command.reason.assign(words.take())) throw ScriptError{"a reason has four letters"};
    if (command.reason.chars[0] == '!') command.reason.chars[0] = '\x07';
    submit(by, wire::CommandKind::kRecall, command, expected);
  } else if (verb == "reconcile") {
    wire::Reconcile command;
    command.id = id(words.take());
    words.expect("with");
    command.peer = city(words.take()).node();
    command.business_date = static_cast<std::uint32_t>(parse_number(words.take()));
    submit(by, wire::CommandKind::kReconcile, command, expected);
  } else {
    return false;
  }
  words.expect_end();
  return true;
}

/// ID DEBIT -> CREDIT AMOUNT ASSET {FLAG | of HOLD | expires TIME}
wire::Transfer Script::parse_transfer(Words& words) {
  wire::Transfer transfer;
  transfer.id = id(words.take());
  transfer.debit = account(words.take()).number;
  words.expect("->");
  transfer.credit = account(words.take()).number;
  const std::string amount = words.take();
  const AssetName of = asset(words.take());
  transfer.asset = of.id;
  transfer.amount_minor = parse_amount(amount, of.scale);
  while (!words.is_empty()) {
    const std::string word = words.take();
    if (const auto flag = flag_of(word)) {
      transfer.flags |= *flag;
    } else if (word == "of") {
      transfer.pending_id = id(words.take());
    } else if (word == "expires") {
      transfer.expires_at = parse_time(words.take());
    } else {
      throw ScriptError{"not understood: " + word};
    }
  }
  return transfer;
}

void Script::end_batch(Words& words) {
  words.expect_end();
  if (!batch_ || !batch_->actor) throw ScriptError{"end without transfers before it"};
  const Batch batch = *std::exchange(batch_, std::nullopt);
  wire::BatchBuilder builder;
  builder.add_group(wire::CommandKind::kTransfer, batch.actor->caller,
                    static_cast<std::uint32_t>(batch.transfers.size()),
                    std::as_bytes(std::span{batch.transfers}));
  last_ = batch.actor->city;
  last_->apply(builder.section(), now_);
  ASSERT_EQ(last_->effects().outcomes.size(), batch.transfers.size());
  for (std::size_t i = 0; i < batch.expected.size(); ++i) {
    EXPECT_EQ(outcome_text(*last_, i), batch.expected[i]) << "row " << i + 1 << " of the batch";
  }
}

/// CITY'S ACCOUNT -> OTHER'S ACCOUNT AMOUNT ASSET, or with <- for what the initiator receives.
wire::Leg Script::parse_leg(Words& words, wire::Direction direction) {
  wire::Leg leg;
  leg.direction = direction;
  leg.initiator_account = account(words.take()).number;
  if (words.take_if("<-")) {
    leg.direction = wire::Direction::kIn;
  } else if (words.take_if("??")) {
    leg.direction = static_cast<wire::Direction>(9);
  } else {
    words.expect("->");
  }
  leg.responder_account = account(words.take()).number;
  const std::string amount = words.take();
  const AssetName of = asset(words.take());
  leg.asset = of.id;
  leg.amount_minor = parse_amount(amount, of.scale);
  return leg;
}

/// ID from CITY to CITY [of ORIGINAL] [by TIME] [details N] : LEG {and LEG}
base::Bytes Script::parse_instruct(const std::string& verb, Words& words) {
  wire::InstructHead head;
  head.id = id(words.take());
  head.kind = settlement_kind(verb).value();
  words.expect("from");
  head.initiator = city(words.take()).node();
  words.expect("to");
  head.responder = city(words.take()).node();
  if (words.take_if("of")) head.original_id = id(words.take());
  head.decide_by = now_ + base::Duration::seconds(3600);
  if (words.take_if("by")) head.decide_by = parse_time(words.take());
  std::string details = "invoice 发票 17";
  if (words.take_if("details")) details.assign(parse_number(words.take()), 'x');
  std::vector<wire::Leg> legs;
  if (words.take_if(":")) {
    do {
      legs.push_back(parse_leg(words, wire::Direction::kOut));
      if (words.take_if("times")) legs.resize(parse_number(words.take()), legs.back());
    } while (words.take_if("and"));
  }
  return wire::encode_instruct(head, legs, base::as_bytes(details));
}

}  // namespace hugang::scenario
