#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "tests/simulation/oracle/desk.hpp"
#include "tests/simulation/oracle/text.hpp"

namespace hugang::oracle {
namespace {

namespace flag = wire::account_flag;

template <std::size_t N>
bool is_zero(const std::array<std::byte, N>& bytes) {
  return bytes == std::array<std::byte, N>{};
}

Account* find_special(Book& book, wire::AccountKind kind, AssetNo asset, NodeNo peer) {
  for (Account& account : book.accounts) {
    if (account.kind == kind && account.asset == asset && account.peer == peer) return &account;
  }
  return nullptr;
}

/// Which flags the new account carries, or why there will be none.
std::expected<std::uint32_t, Code> flags_of_customer(const Book& book, PersonNo caller,
                                                     const wire::OpenAccount& c) {
  const bool may_overdraw = (c.flags & flag::kNoDebitBalance) == 0;
  if ((c.flags & ~(flag::kNoDebitBalance | flag::kReviewIncoming)) != 0 || c.peer.value() != 0) {
    return std::unexpected{Code::kFlagsUnknown};
  }
  if (may_overdraw && !is_operator(book, caller)) return std::unexpected{Code::kNotPermitted};
  return c.flags;
}

std::expected<std::uint32_t, Code> flags_of_reserve(Book& book, const wire::OpenAccount& c) {
  const Asset& asset = book.assets.at(c.asset.value());
  if (asset.issuer != book.self) return std::unexpected{Code::kNotPermitted};
  if (c.flags != 0 || c.peer.value() != 0) return std::unexpected{Code::kFlagsUnknown};
  if (find_special(book, c.kind, c.asset.value(), 0) != nullptr) {
    return std::unexpected{Code::kAccountExists};
  }
  return flag::kNoCreditBalance;
}

std::expected<std::uint32_t, Code> flags_of_corridor(Book& book, const wire::OpenAccount& c) {
  const NodeNo peer = c.peer.value();
  const NodeNo issuer = book.assets.at(c.asset.value()).issuer;
  if (c.flags != 0) return std::unexpected{Code::kFlagsUnknown};
  if (!book.channels.contains(peer)) return std::unexpected{Code::kPeerUnknown};
  if (find_special(book, c.kind, c.asset.value(), peer) != nullptr) {
    return std::unexpected{Code::kAccountExists};
  }
  if (issuer == book.self) return flag::kNoDebitBalance;
  if (issuer == peer) return flag::kNoCreditBalance;
  return std::unexpected{Code::kAssetNotSettledWithPeer};
}

Code update_refusal(const Book& book, PersonNo caller, const wire::UpdateAccount& c,
                    const Account* account) {
  if (!is_zero(c.reserved)) return Code::kReservedNotZero;
  if (account == nullptr) return Code::kAccountUnknown;
  if ((c.set_flags & ~(flag::kFrozen | flag::kClosed | flag::kReviewIncoming)) != 0 ||
      (c.clear_flags & ~(flag::kFrozen | flag::kReviewIncoming)) != 0) {
    return Code::kFlagsUnknown;
  }
  if ((c.set_flags & c.clear_flags) != 0) return Code::kFlagsExclusive;
  const bool freezes = ((c.set_flags | c.clear_flags) & flag::kFrozen) != 0;
  if (!is_operator(book, caller) && (freezes || account->owner != caller)) {
    return Code::kNotPermitted;
  }
  if (account->kind == wire::AccountKind::kCorridor) return Code::kAccountNotAddressable;
  if (account->has(flag::kClosed)) return Code::kAccountClosed;
  const Money& money = account->money;
  const bool is_empty =
      money.debits == money.credits && money.debits_held == 0 && money.credits_held == 0;
  if ((c.set_flags & flag::kClosed) != 0 && !is_empty) return Code::kAccountNotEmpty;
  return Code::kOk;
}

bool is_well_formed(const Book& book, const wire::Rule& rule) {
  if (rule.value < 0 || rule.value > 100'000'000'000'000'000) return false;
  if (!book.assets.contains(rule.asset.value())) return false;
  if (rule.kind == wire::RuleKind::kSingleMax) return rule.peer.value() == 0;
  return rule.kind == wire::RuleKind::kCorridorCap && book.channels.contains(rule.peer.value());
}

void tell_rules(Desk& desk, Time at) {
  wire::RulesActivated event;
  event.version = desk.book.rules.version;
  tell(desk, wire::EventKind::kRulesActivated, at, event);
}

}  // namespace

Answer do_genesis(Desk& desk, PersonNo caller, const wire::Genesis& c) {
  Book& book = desk.book;
  if (caller != 0 || book.self != 0) return refuse(Code::kNotPermitted);
  if (c.reserved0 != 0 || !is_zero(c.reserved)) return refuse(Code::kReservedNotZero);
  if (c.node.value() == 0 || c.node.value() > 9999) return refuse(Code::kNotPermitted);
  if (!is_good_code(c.code) || !is_good_name(c.name)) return refuse(Code::kTextMalformed);
  book.self = c.node.value();
  return done();
}

Answer register_asset(Desk& desk, PersonNo caller, const wire::RegisterAsset& c) {
  Book& book = desk.book;
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  if (!is_zero(c.reserved0) || !is_zero(c.reserved)) return refuse(Code::kReservedNotZero);
  if (!is_good_code(c.code)) return refuse(Code::kTextMalformed);
  if (c.asset.value() == 0 || c.issuer.value() == 0 || c.scale > 12) {
    return refuse(Code::kAssetUnknown);
  }
  for (const auto& [id, asset] : book.assets) {
    if (id == c.asset.value() || asset.code == c.code.view()) return refuse(Code::kAssetExists);
  }
  if (book.assets.size() >= machine::kAssetsMax) return refuse(Code::kCapacity);
  book.assets[c.asset.value()] = {c.issuer.value(), std::string{c.code.view()}};
  return done();
}

Answer register_person(Desk& desk, PersonNo caller, const wire::RegisterParticipant& c) {
  Book& book = desk.book;
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  if (c.reserved0 != 0 || !is_zero(c.reserved)) return refuse(Code::kReservedNotZero);
  if (c.roles == 0 || c.roles > wire::role::kAll) return refuse(Code::kFlagsUnknown);
  if (!is_good_code(c.code) || !is_good_text(c.bic) || !is_good_text(c.lei) ||
      !is_good_name(c.name) || !is_good_text(c.local_name)) {
    return refuse(Code::kTextMalformed);
  }
  for (const Person& person : book.people) {
    if (person.code == c.code.view()) return refuse(Code::kParticipantExists);
  }
  if (book.people.size() >= machine::kParticipantsMax) return refuse(Code::kCapacity);
  book.people.push_back({c.roles, std::string{c.code.view()}, false});
  return done(book.people.size());
}

Answer suspend_person(Desk& desk, PersonNo caller, const wire::UpdateParticipant& c) {
  Book& book = desk.book;
  const PersonNo whom = c.participant.value();
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  if (c.suspend > 1 || !is_zero(c.reserved)) return refuse(Code::kReservedNotZero);
  if (whom == 0 || whom > book.people.size()) return refuse(Code::kParticipantUnknown);
  if (whom == caller) return refuse(Code::kNotPermitted);
  book.people[whom - 1].is_suspended = c.suspend == 1;
  return done();
}

Answer open_account(Desk& desk, PersonNo caller, const wire::OpenAccount& c) {
  Book& book = desk.book;
  if (c.reserved0 != 0 || c.reserved1 != 0) return refuse(Code::kReservedNotZero);
  if (!is_good_text(c.alias)) return refuse(Code::kTextMalformed);
  const PersonNo owner = c.owner.value();
  if (!is_operator(book, caller) && owner != caller) return refuse(Code::kNotPermitted);
  if (owner == 0 || owner > book.people.size()) return refuse(Code::kParticipantUnknown);
  if (!book.assets.contains(c.asset.value())) return refuse(Code::kAssetUnknown);
  if (book.accounts.size() >= machine::kAccountsMax) return refuse(Code::kCapacity);
  if (c.kind != wire::AccountKind::kCustomer && !is_operator(book, caller)) {
    return refuse(Code::kNotPermitted);
  }
  std::expected<std::uint32_t, Code> flags = std::unexpected{Code::kFlagsUnknown};
  if (c.kind == wire::AccountKind::kCustomer) flags = flags_of_customer(book, caller, c);
  if (c.kind == wire::AccountKind::kReserve) flags = flags_of_reserve(book, c);
  if (c.kind == wire::AccountKind::kCorridor) flags = flags_of_corridor(book, c);
  if (!flags) return refuse(flags.error());
  Account account;
  account.number = number_at(book.self, book.accounts.size() + 1);
  account.owner = owner;
  account.asset = c.asset.value();
  account.flags = *flags;
  account.kind = c.kind;
  account.peer = c.peer.value();
  book.accounts.push_back(account);
  if (c.kind == wire::AccountKind::kCorridor) {
    book.channels.at(account.peer).corridors[account.asset] = account.number;
  }
  return done(account.number);
}

Answer update_account(Desk& desk, PersonNo caller, const wire::UpdateAccount& c) {
  Account* account = find_account(desk.book, c.account.value());
  if (const Code code = update_refusal(desk.book, caller, c, account); code != Code::kOk) {
    return refuse(code);
  }
  account->flags = (account->flags | c.set_flags) & ~c.clear_flags;
  return done(account->flags);
}

Answer set_rules(Desk& desk, PersonNo caller, ByteSpan record) {
  Book& book = desk.book;
  const auto view = wire::decode_set_rules(record);
  if (!view) return refuse(Code::kRulesMalformed);
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  for (const wire::Rule& rule : view->rules) {
    if (!is_well_formed(book, rule)) return refuse(Code::kRulesMalformed);
  }
  const bool is_any_coming = !book.coming_rules.empty();
  const Rules& last = is_any_coming ? book.coming_rules.back() : book.rules;
  const Time from = view->head.effective_from.ns() == 0 ? desk.now : view->head.effective_from.ns();
  if (view->head.version <= last.version || from < desk.now ||
      (is_any_coming && from < last.from)) {
    return refuse(Code::kRulesNotNewer);
  }
  const Rules pack{view->head.version, from, view->rules};
  if (from > desk.now) {
    if (book.coming_rules.size() >= machine::kRulePacksPendingMax) return refuse(Code::kCapacity);
    book.coming_rules.push_back(pack);
    return done();
  }
  book.rules = pack;
  tell_rules(desk, desk.now);
  return done();
}

void activate_rules(Desk& desk, Time at) {
  Book& book = desk.book;
  book.rules = book.coming_rules.front();
  book.coming_rules.erase(book.coming_rules.begin());
  tell_rules(desk, at);
}

/// Of several limits for one thing the narrowest binds.
std::optional<Minor> single_limit(const Book& book, AssetNo asset) {
  std::optional<Minor> least;
  for (const wire::Rule& rule : book.rules.rules) {
    if (rule.kind != wire::RuleKind::kSingleMax || rule.asset.value() != asset) continue;
    least = std::min(least.value_or(INT64_MAX), rule.value);
  }
  return least;
}

std::optional<Minor> corridor_cap(const Book& book, AssetNo asset, NodeNo peer) {
  std::optional<Minor> least;
  for (const wire::Rule& rule : book.rules.rules) {
    if (rule.kind != wire::RuleKind::kCorridorCap || rule.asset.value() != asset ||
        rule.peer.value() != peer) {
      continue;
    }
    least = std::min(least.value_or(INT64_MAX), rule.value);
  }
  return least;
}

}  // namespace hugang::oracle
