// The clients: they draw operations, send them, send them again until they are answered, and hold
// every later answer against the first. A new command plugs in as an Operation in a file of its own
// (operations_*.cpp) that workload.cpp lists.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tests/simulation/engine/city.hpp"
#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

class Workload;

/// Makes a request, or nothing when there is nothing to do it with at the moment.
struct Operation {
  std::string_view name;
  std::uint32_t weight;
  std::optional<Request> (*make)(Workload&);
};

[[nodiscard]] std::span<const Operation> transfer_operations();
[[nodiscard]] std::span<const Operation> settlement_operations();
[[nodiscard]] std::span<const Operation> register_operations();
[[nodiscard]] std::span<const Operation> reserve_operations();
[[nodiscard]] std::span<const Operation> phase_operations();
[[nodiscard]] std::span<const Operation> edge_operations();
[[nodiscard]] std::span<const Operation> edge_settlement_operations();
[[nodiscard]] std::span<const Operation> impostor_operations();
[[nodiscard]] std::span<const Operation> adversary_operations();

class Workload {
 public:
  Workload(Surroundings world, std::vector<std::unique_ptr<City>>& cities, Book& book)
      : world_{world}, cities_{cities}, book_{book} {}

  /// What the clients do in all: busy times, spread over `lasts`, with pauses between them.
  struct Plan {
    std::uint32_t clients = 1;
    std::uint32_t operations = 0;
    VirtualTime lasts = 0;
  };
  void begin(const Plan& plan);
  /// Nobody asks for anything at the moment, and somebody will.
  [[nodiscard]] bool is_in_pause() const { return left_in_phase_ == 0 && under_way_ == 0; }
  [[nodiscard]] bool is_done() const { return left_ == 0 && under_way_ == 0; }
  [[nodiscard]] bool has_issued_all() const { return left_ == 0; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }

  // For operations.
  [[nodiscard]] Random& random() { return world_.random; }
  [[nodiscard]] Book& book() { return book_; }
  [[nodiscard]] City& city(base::NodeId id) { return *cities_[id.value() - 1]; }
  [[nodiscard]] City& any_city();
  /// A city that is up, if one of a few draws finds it.
  [[nodiscard]] City* any_city_up();
  [[nodiscard]] std::size_t city_count() const { return cities_.size(); }
  /// A customer account of the city, of the asset if one is given; few of them are hot.
  [[nodiscard]] const KnownAccount* any_account(base::NodeId city, base::AssetId asset = {});
  [[nodiscard]] base::CommandId new_id() { return base::CommandId{random().next_id()}; }

 private:
  void begin_phase(std::uint32_t operations, std::uint32_t clients);
  void next_of_client();
  void send(std::shared_ptr<Request> request);
  void take(Request& request, std::vector<wire::Outcome> outcomes);
  void check_repeated(const Request& request, const std::vector<wire::Outcome>& outcomes);
  void record(const Request& request);
  void finish(std::shared_ptr<Request> request);
  [[nodiscard]] std::optional<Request> changed(const Request& request);

  Surroundings world_;
  std::vector<std::unique_ptr<City>>& cities_;
  Book& book_;
  std::uint32_t left_ = 0;
  std::uint32_t left_in_phase_ = 0;
  VirtualTime think_max_ = 0;  ///< between an answer and the next request
  std::uint32_t under_way_ = 0;
  std::uint64_t answered_ = 0;
};

/// An instant that the city's next few commands may fall upon: close behind its newest entry when
/// its clock was set back, for then its time goes on by single nanoseconds. Requires city.is_up().
[[nodiscard]] base::Timestamp instant_soon(Workload& load, const City& city);

/// A request of one fixed-width record.
template <wire::IsRecord Record>
[[nodiscard]] Request request_of(const City& city, wire::CommandKind kind,
                                 base::ParticipantId caller, const Record& record) {
  const auto bytes = std::as_bytes(std::span{&record, 1});
  return {.city = city.id(),
          .submission = {
              .kind = kind, .caller = caller, .count = 1, .records = {bytes.begin(), bytes.end()}}};
}

/// A rule pack from the city's operator.
[[nodiscard]] Request rules_request(const City& city, const wire::SetRulesHead& head,
                                    std::span<const wire::Rule> rules);

}  // namespace hugang::simulation
