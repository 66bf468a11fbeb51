// A lying peer among honest nodes: every kind of lie is told, met and answered as it must be, and
// what the law says of it can be broken.
#include <gtest/gtest.h>

#include <memory>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "tests/simulation/adversary/evidence_law.hpp"
#include "tests/simulation/adversary/setup_liar.hpp"
#include "tests/simulation/workload/setup.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

struct Outcome {
  std::optional<std::string> broken;
  std::string last_events;
  std::string hash;
  Tally told{};
  Tally met{};
  std::uint64_t decisions = 0;
  std::uint64_t unverifiable = 0;
};

/// Two honest nodes and a liar, with the faults of the network but no crashes.
class Trio {
 public:
  Trio(std::uint64_t seed, const Faults& faults, std::optional<LieKind> only)
      : random_{seed}, trace_{scheduler_}, wanted_{faults} {
    faults_.transport = faults.transport;
    for (std::uint32_t n = 1; n <= 2; ++n) {
      cities_.push_back(std::make_unique<City>(base::NodeId{n}, world_));
    }
    for (const auto& city : cities_) city->start(ids_);
    set_up(cities_, book_);
    liar_ = std::make_unique<Liar>(base::NodeId{3}, world_, book_,
                                   only ? Character::of(*only) : Character::draw(random_));
    set_up_liar(cities_, *liar_, book_);
  }

  [[nodiscard]] Liar& liar() { return *liar_; }
  [[nodiscard]] City& city(std::size_t index) { return *cities_[index]; }

  Outcome run(std::uint32_t operations) {
    faults_ = wanted_;
    liar_->begin();
    workload_.begin({.clients = 4, .operations = operations, .lasts = 20 * kSecond});
    scheduler_.after(kSecond, [this] { each_second(); });
    while (!is_over_ && !outcome_.broken && scheduler_.run_next()) {
    }
    for (const auto& city : cities_) {
      if (outcome_.broken) break;
      outcome_.broken = first_broken_by_liar(*city, *liar_, &outcome_.met);
      outcome_.unverifiable += city->unverifiable();
    }
    if (!outcome_.broken) outcome_.broken = first_broken_total(cities_, liar_->id());
    for (const Lie& lie : liar_->lies()) ++outcome_.told[static_cast<std::size_t>(lie.kind)];
    outcome_.decisions = liar_->decisions();
    outcome_.last_events = trace_.last_events();
    outcome_.hash = trace_.take_hash();
    return outcome_;
  }

 private:
  void each_second() {
    if (auto broken = first_broken_between(cities_)) outcome_.broken = std::move(broken);
    if (workload_.has_issued_all() && !is_calm_) {
      is_calm_ = true;
      faults_ = faults_.calmed();
      liar_->calm_down();
      calm_since_ = scheduler_.now();
    }
    if (is_calm_ && workload_.is_done() && is_all_at_rest()) is_over_ = true;
    if (is_calm_ && scheduler_.now() - calm_since_ > 300 * kSecond) {
      outcome_.broken = "not everything came to its end";
    }
    scheduler_.after(kSecond, [this] { each_second(); });
  }

  [[nodiscard]] bool is_all_at_rest() const {
    return std::ranges::all_of(cities_, [this](const auto& city) {
      return city->is_quiet() &&
             city->state().open_settlements == open_for_liar(city->state(), liar_->id());
    });
  }

  void deliver(base::NodeId from, base::NodeId to, const Packet& packet) {
    if (to == liar_->id()) {
      liar_->receive(from, packet);
    } else {
      cities_[to.value() - 1]->receive(from, packet);
    }
  }

  Random random_;
  Scheduler scheduler_;
  Trace trace_;
  Faults faults_;
  const Faults wanted_;
  Network network_{scheduler_, random_, trace_, faults_,
                   [this](base::NodeId from, base::NodeId to, const Packet& packet) {
                     deliver(from, to, packet);
                   }};
  Outcome outcome_;
  Surroundings world_{scheduler_,
                      random_,
                      trace_,
                      faults_,
                      network_,
                      [this](std::string law) { outcome_.broken = std::move(law); },
                      [](base::NodeId node) { return node.value() <= 2; }};
  const std::vector<base::NodeId> ids_{base::NodeId{1}, base::NodeId{2}, base::NodeId{3}};
  Cities cities_;
  Book book_;
  Workload workload_{world_, cities_, book_};
  std::unique_ptr<Liar> liar_;
  bool is_calm_ = false;
  bool is_over_ = false;
  VirtualTime calm_since_ = 0;
};

Faults calm_network(peer::Transport transport) {
  Faults faults;
  faults.transport = transport;
  faults.delay_max = 10 * kMillisecond;
  return faults;
}

TEST(Liar, IsMetAndAnsweredWhateverItTells) {
  for (std::size_t i = 0; i < kLieKinds; ++i) {
    const LieRule& rule = lie_rules()[i];
    const bool leaves_a_mark = rule.answer != Answer::kNeverJournaled &&
                               rule.answer != Answer::kUnharmed &&
                               rule.kind != LieKind::kForeignSignature;
    Tally told{}, met{};
    // Over both transports, and until it was met.
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      if (seed > 2 && told[i] > 0 && (met[i] > 0 || !leaves_a_mark)) break;
      const auto transport =
          seed % 2 == 0 ? peer::Transport::kOrderedStream : peer::Transport::kDatagrams;
      const Outcome outcome = Trio{seed * 1'000 + i, calm_network(transport), rule.kind}.run(200);
      ASSERT_EQ(outcome.broken, std::nullopt) << rule.name << ", seed " << seed << "\n"
                                              << outcome.last_events;
      told[i] += outcome.told[i];
      met[i] += outcome.met[i];
    }
    EXPECT_GT(told[i], 0u) << rule.name << " was never told";
    if (leaves_a_mark) {
      EXPECT_GT(met[i], 0u) << rule.name << " was told " << told[i] << " times and never met";
    }
  }
}

TEST(Liar, HarmsNobodyWhateverElseGoesWrong) {
  std::uint64_t decisions = 0, unverifiable = 0, met = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Random random{seed};
    Faults faults = calm_network(random.chance(500) ? peer::Transport::kOrderedStream
                                                    : peer::Transport::kDatagrams);
    faults.lose = random.chance(500) ? 30 : 0;
    faults.repeat = 50;
    faults.corrupt = random.chance(500) ? 5 : 0;
    const Outcome outcome = Trio{seed, faults, std::nullopt}.run(300);
    ASSERT_EQ(outcome.broken, std::nullopt) << "seed " << seed << "\n" << outcome.last_events;
    decisions += outcome.decisions;
    unverifiable += outcome.unverifiable;
    for (const auto count : outcome.met) met += count;
  }
  EXPECT_GT(decisions, 1'000u);
  EXPECT_GT(unverifiable, 10u);
  EXPECT_GT(met, 100u);
}

/// Asks for figures as often as an envelope can, each time from the beginning of all decisions.
base::Bytes envelope_of_figures(Voice& voice, const Liar& liar, std::uint64_t first) {
  for (std::uint32_t n = 0; n < machine::kMessagesPerEnvelopeMax; ++n) {
    wire::ReconcileHead head;
    head.id = base::CommandId{(base::u128{77} << 64) | (n + 1)};
    voice.say(wire::encode_message(wire::MessageKind::kReconcileRequest, head));
  }
  return peer::seal_bytes(liar.key(Liar::kFirst), voice.payload(first, voice.said.size()));
}

TEST(Liar, CannotMakeAnEntryThatIsTooLargeForTheJournal) {
  Trio trio{1, calm_network(peer::Transport::kDatagrams), LieKind::kFlood};
  Liar& liar = trio.liar();
  City& city = trio.city(0);
  Voice voice{liar.id(), city.id()};
  for (std::uint32_t n = 0; n < 2 * machine::kInFlightNamedMax; ++n) {
    auto payment = liar.draw_payment(voice);
    ASSERT_TRUE(payment.has_value());
    voice.say(wire::encode_message(wire::MessageKind::kInstruct,
                                   wire::encode_instruct(payment->head, payment->legs, {})));
  }
  const auto give = [&](const base::Bytes& envelope) {
    return city
        .do_at_once({.kind = wire::CommandKind::kPeerEnvelope,
                     .caller = {},
                     .count = 1,
                     .records = wire::encode_peer_envelope(liar.id(), envelope)})
        .at(0);
  };
  const std::uint64_t payments = voice.said.size();
  const auto paid = give(peer::seal_bytes(liar.key(Liar::kFirst), voice.payload(1, payments)));
  ASSERT_EQ(paid.code, machine::Code::kOk);
  auto answer = give(envelope_of_figures(voice, liar, payments + 1));
  // What has no room in one entry is not applied: it comes again.
  while (answer.value < voice.said.size()) {
    ASSERT_EQ(answer.code, machine::Code::kOk);
    const auto again = give(peer::seal_bytes(liar.key(Liar::kFirst),
                                             voice.payload(answer.value + 1, voice.said.size())));
    ASSERT_GT(again.value, answer.value);
    answer = again;
  }
  EXPECT_EQ(answer.code, machine::Code::kOk);
}

/// An entry as it was, for a test to change.
struct Altered {
  ledger::EntryHead head;
  base::Bytes commands;
  base::Bytes outcomes;
  base::Bytes events;
};

/// What the law says of the journal when `change` has had each entry first.
template <class Change>
std::optional<std::string> judged(const City& city, const Liar& liar, Change change) {
  EvidenceLaw law{city.id(), liar.id(), liar.lies()};
  const auto cursor = city.journal().read_from(base::Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry || *entry == nullptr) break;
    const ledger::EntryView& view = **entry;
    Altered altered{.head = view.head,
                    .commands = {view.commands.begin(), view.commands.end()},
                    .outcomes = {view.outcomes.begin(), view.outcomes.end()},
                    .events = {view.events.begin(), view.events.end()}};
    change(altered);
    if (auto broken =
            law.read({altered.head, altered.commands, altered.outcomes, altered.events})) {
      return broken;
    }
  }
  return law.finish(city.state());
}

/// Whether the entry is one envelope, at which a direction halts.
bool has_halt(const Altered& entry) {
  wire::EventReader reader{entry.events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) {
    if (head.kind == wire::EventKind::kPeerHalted) return entry.head.command_count == 1;
  }
  return false;
}

class EvidenceLawTest : public ::testing::Test {
 protected:
  EvidenceLawTest() { EXPECT_EQ(trio.run(200).broken, std::nullopt); }

  /// The law's word when `change` has had the first entry that halts the liar.
  template <class Change>
  std::optional<std::string> with_halt_changed(Change change) {
    bool is_done = false;
    auto broken = judged(trio.city(0), trio.liar(), [&](Altered& entry) {
      if (is_done || !has_halt(entry)) return;
      is_done = true;
      change(entry);
    });
    EXPECT_TRUE(is_done);
    return broken;
  }

  Trio trio{42, calm_network(peer::Transport::kDatagrams), LieKind::kWrongChain};
};

TEST_F(EvidenceLawTest, LetsTheJournalPassAsItIs) {
  EXPECT_EQ(judged(trio.city(0), trio.liar(), [](Altered&) {}), std::nullopt);
}

TEST_F(EvidenceLawTest, FindsABreachThatWasPassedOver) {
  EXPECT_NE(with_halt_changed([](Altered& entry) {
              const auto code = machine::Code::kOk;
              __builtin_memcpy(entry.outcomes.data(), &code, sizeof code);
            }),
            std::nullopt);
}

TEST_F(EvidenceLawTest, FindsAHaltOfWhichNothingIsKept) {
  EXPECT_NE(with_halt_changed([](Altered& entry) { entry.events.clear(); }), std::nullopt);
}

TEST_F(EvidenceLawTest, FindsEvidenceThatNobodySigned) {
  const auto broken =
      with_halt_changed([](Altered& entry) { entry.commands.back() ^= std::byte{1}; });
  ASSERT_NE(broken, std::nullopt);
  EXPECT_NE(broken->find("signature"), std::string::npos) << *broken;
}

TEST_F(EvidenceLawTest, FindsMoneyThatWasReleasedAndPaid) {
  bool is_done = false;
  const auto broken = judged(trio.city(0), trio.liar(), [&](Altered& entry) {
    wire::EventReader reader{entry.events};
    wire::EventHead head;
    base::ByteSpan body;
    while (!is_done && reader.next(head, body)) {
      if (head.kind != wire::EventKind::kSettlementChanged) continue;
      auto change = wire::read_record<wire::SettlementChanged>(body);
      const bool is_end = change.status == wire::SettlementStatus::kSettled;
      if (change.peer != trio.liar().id() || !is_end) continue;
      change.status = wire::SettlementStatus::kRefused;
      change.code = machine::Code::kDeclined;
      const auto at = static_cast<std::size_t>(body.data() - entry.events.data());
      __builtin_memcpy(entry.events.data() + at, &change, sizeof change);
      is_done = true;
    }
  });
  EXPECT_TRUE(is_done);
  EXPECT_NE(broken, std::nullopt);
}

TEST(Liar, LiesTheSameWayTwice) {
  const Faults faults = calm_network(peer::Transport::kDatagrams);
  const Outcome first = Trio{77, faults, std::nullopt}.run(200);
  const Outcome second = Trio{77, faults, std::nullopt}.run(200);
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.told, second.told);
}

}  // namespace
}  // namespace hugang::simulation
