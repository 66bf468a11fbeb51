#include "tests/simulation/engine/world.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/simulation/adversary/evidence_law.hpp"
#include "tests/simulation/adversary/liar.hpp"
#include "tests/simulation/adversary/setup_liar.hpp"
#include "tests/simulation/engine/trouble.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/workload/setup.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

constexpr std::uint32_t kClients = 6;
constexpr std::uint32_t kLiarPermille = 250;
/// Within this everything must have come to its end, counted from when the faults have stopped and
/// the clocks that were set back have caught up with their ledgers.
constexpr VirtualTime kRestLimit = 20 * 60 * kSecond;
constexpr VirtualTime kCheckEvery = kSecond;
constexpr VirtualTime kCheckEveryInPause = 7 * kSecond;

class World {
 public:
  explicit World(const WorldOptions& options)
      : options_{options}, random_{options.seed}, trace_{scheduler_} {
    const auto nodes_drawn = static_cast<std::uint32_t>(random_.between(2, 4));
    const std::uint32_t nodes = options.nodes == 0 ? nodes_drawn : options.nodes;
    const std::int64_t minutes_drawn = random_.between(1, 20);
    lasts_ = (options.minutes == 0 ? minutes_drawn : options.minutes) * 60 * kSecond;
    HG_CHECK(nodes >= 2 && nodes <= 4);
    const Faults faults = Faults::draw(random_);
    faults_.transport = faults.transport;
    const bool has_liar = random_.chance(kLiarPermille);
    for (std::uint32_t n = 1; n <= nodes; ++n) {
      ids_.emplace_back(n);
      cities_.push_back(std::make_unique<City>(base::NodeId{n}, world_));
    }
    const base::NodeId last{nodes + 1};
    if (has_liar) ids_.push_back(last);
    for (const auto& city : cities_) city->start(ids_);
    set_up(cities_, book_);
    if (has_liar) {
      liar_ = std::make_unique<Liar>(last, world_, book_, Character::draw(random_));
      set_up_liar(cities_, *liar_, book_);
    }
    faults_ = faults;
    trouble_.begin();
  }

  WorldResult run() {
    if (liar_) liar_->begin();
    workload_.begin({.clients = kClients, .operations = options_.steps, .lasts = lasts_});
    scheduler_.after(kCheckEvery, [this] { check_and_strike(); });
    while (!is_over_ && !broken_ && scheduler_.run_next()) {
      if (!is_calm_) trouble_.strike_between_events();
    }
    if (!broken_) broken_ = first_broken_at_rest(cities_, book_);
    if (!broken_ && liar_) broken_ = first_broken_by_lies();
    if (options_.inspect) options_.inspect(cities_);
    return summarise();
  }

 private:
  std::optional<std::string> first_broken_by_lies() {
    for (const auto& city : cities_) {
      if (auto broken = first_broken_by_liar(*city, *liar_)) return broken;
    }
    return first_broken_total(cities_, liar_->id());
  }

  void deliver(base::NodeId from, base::NodeId to, const Packet& packet) {
    if (to.value() <= cities_.size()) {
      cities_[to.value() - 1]->receive(from, packet);
    } else {
      liar_->receive(from, packet);
    }
  }

  void fail(std::string law) {
    if (!broken_) broken_ = std::move(law);
  }

  void check_and_strike() {
    if (auto broken = first_broken_between(cities_)) {
      fail(*std::move(broken));
      return;
    }
    if (!is_calm_ && workload_.has_issued_all() && scheduler_.now() >= lasts_) calm_down();
    if (is_calm_) {
      look_for_rest();
    } else {
      trouble_.strike(!workload_.is_in_pause());
    }
    const bool is_busy = is_calm_ || !workload_.is_in_pause();
    scheduler_.after(is_busy ? kCheckEvery : kCheckEveryInPause, [this] { check_and_strike(); });
  }

  void calm_down() {
    is_calm_ = true;
    faults_ = faults_.calmed();
    trouble_.end();
    if (liar_) liar_->calm_down();
    rest_limit_ = scheduler_.now() + kRestLimit;
    for (const auto& city : cities_) {
      if (!city->is_up()) city->start(ids_);
      if (broken_) return;
      const auto ahead = city->state().last_at - city->wall_clock();
      rest_limit_ = std::max(rest_limit_, scheduler_.now() + kRestLimit + ahead.count_ns());
    }
  }

  void look_for_rest() {
    for (const auto& city : cities_) {
      if (!city->is_up()) city->start(ids_);
      if (broken_) return;
    }
    if (workload_.is_done() && is_at_rest(cities_, book_)) {
      is_over_ = true;
      return;
    }
    if (scheduler_.now() > rest_limit_) fail(what_is_left());
  }

  [[nodiscard]] std::string what_is_left() const {
    std::string text = "after the faults stopped not everything came to its end:";
    if (!workload_.is_done()) text += " requests are unanswered;";
    for (const auto& city : cities_) {
      if (!city->is_quiet())
        text += " node " + std::to_string(city->id().value()) + " is not quiet;";
      text += " node " + std::to_string(city->id().value()) + " has " +
              std::to_string(city->state().open_settlements) + " open settlements;";
    }
    return text;
  }

  WorldResult summarise() {
    WorldResult result;
    result.nodes = static_cast<std::uint32_t>(cities_.size());
    result.events = trace_.count();
    result.answers = workload_.answered();
    result.virtual_seconds = static_cast<double>(scheduler_.now()) / 1e9;
    for (const auto& city : cities_) {
      result.entries += city->journal().last_seqno().value();
      result.crashes += city->crashes();
      result.unverifiable += city->unverifiable();
      result.halts += city->halts();
      if (!city->is_up()) continue;
      for (const machine::Settlement& settlement : city->state().settlements) {
        if (!settlement.is_initiator) continue;
        result.settled += settlement.status == wire::SettlementStatus::kSettled;
        result.refused += settlement.status == wire::SettlementStatus::kRefused;
      }
    }
    result.damages = trouble_.damages();
    if (liar_) result.lies = liar_->lies().size();
    result.broken_law = broken_;
    if (broken_) result.last_events = trace_.last_events();
    result.hash = trace_.take_hash();
    return result;
  }

  const WorldOptions options_;
  Random random_;
  Scheduler scheduler_;
  Trace trace_;
  Faults faults_;  ///< none while setting up
  Network network_{scheduler_, random_, trace_, faults_,
                   [this](base::NodeId from, base::NodeId to, const Packet& packet) {
                     deliver(from, to, packet);
                   }};
  Surroundings world_{scheduler_,
                      random_,
                      trace_,
                      faults_,
                      network_,
                      [this](std::string law) { fail(std::move(law)); },
                      [this](base::NodeId node) { return node.value() <= cities_.size(); }};
  std::vector<base::NodeId> ids_;
  Cities cities_;
  Book book_;
  Workload workload_{world_, cities_, book_};
  std::unique_ptr<Liar> liar_;
  Trouble trouble_{world_, cities_, ids_};
  VirtualTime lasts_ = 0;  ///< until the faults stop
  bool is_calm_ = false;
  bool is_over_ = false;
  VirtualTime rest_limit_ = 0;
  std::optional<std::string> broken_;
};

}  // namespace

WorldResult run_world(const WorldOptions& options) { return World{options}.run(); }

}  // namespace hugang::simulation
