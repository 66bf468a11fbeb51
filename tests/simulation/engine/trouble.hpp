// What happens to whole nodes, links and clocks while the faults last; and the end of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/engine/city.hpp"

namespace hugang::simulation {

class Trouble {
 public:
  /// All references must outlive it. `peers` are all nodes, honest or not.
  Trouble(Surroundings world, std::vector<std::unique_ptr<City>>& cities,
          const std::vector<base::NodeId>& peers)
      : world_{std::move(world)}, cities_{cities}, peers_{peers} {}

  /// Each city gets a clock that is wrong in its own way, and settings of its own.
  void begin();
  /// What may go wrong each second, with the network only while somebody uses it.
  void strike(bool is_network_used);
  /// What may go wrong between any two events.
  void strike_between_events();
  /// Mends what does not mend itself: clocks, disks, missing keys, the network.
  void end();
  /// Starts what is down, after a while (or at once), as an operator's supervisor does.
  void restart_later(City& city);
  void restart(City& city);

  [[nodiscard]] std::uint64_t damages() const { return damages_; }

 private:
  void set_clock(City& city, VirtualTime offset_max);
  void strike(City& city);
  void part(City& city);

  Surroundings world_;
  std::vector<std::unique_ptr<City>>& cities_;
  const std::vector<base::NodeId>& peers_;
  std::uint64_t damages_ = 0;
};

}  // namespace hugang::simulation
