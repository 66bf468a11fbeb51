#include "tests/simulation/engine/trouble.hpp"

#include "tests/simulation/laws/damage_law.hpp"

namespace hugang::simulation {

void Trouble::begin() {
  for (const auto& city : cities_) {
    set_clock(*city, world_.faults.clock_skew_max);
    if (world_.faults.reconfigure == 0) continue;
    city->configure(CitySettings::draw(world_.random));
    city->crash("is stopped to be given other settings");
    city->start(peers_);
  }
}

void Trouble::set_clock(City& city, VirtualTime offset_max) {
  const std::int64_t drift = world_.faults.clock_drift_max;
  city.clock().set(world_.random.between(-offset_max, offset_max),
                   world_.random.between(-drift, drift));
}

void Trouble::strike(bool is_network_used) {
  for (const auto& city : cities_) {
    strike(*city);
    if (is_network_used) part(*city);
  }
}

void Trouble::strike(City& city) {
  Random& random = world_.random;
  const Faults& faults = world_.faults;
  if (random.chance(faults.crash)) city.crash("is killed");
  if (random.chance(faults.pause)) {
    world_.trace.note(city.id(), "is paused");
    city.pause(world_.scheduler.now() + random.between(kMillisecond, 4 * kSecond));
  }
  if (random.chance(faults.disk_full)) {
    world_.trace.note(city.id(), "has its disk filled up");
    city.fill_disk(world_.scheduler.now() + random.between(kMillisecond, 10 * kSecond));
  }
  if (random.chance(faults.clock_jump)) {
    set_clock(city, faults.clock_jump_max);
    const auto ahead = city.wall_clock().ns() - kEpochNs - world_.scheduler.now();
    world_.trace.note(city.id(),
                      ahead < 0 ? "has its clock set {a} ms behind the true time"
                                : "has its clock set {a} ms ahead of the true time",
                      static_cast<std::uint64_t>(std::abs(ahead) / kMillisecond));
  }
  if (!city.is_up()) restart_later(city);
}

void Trouble::part(City& city) {
  Random& random = world_.random;
  for (const base::NodeId other : peers_) {
    if (other == city.id() || !random.chance(world_.faults.partition)) continue;
    const VirtualTime until =
        world_.scheduler.now() + random.between(10 * kMillisecond, 6 * kSecond);
    world_.trace.note(city.id(), "cannot reach node {a}", other.value());
    world_.network.part(city.id(), other, until);
    if (random.chance(500)) world_.network.part(other, city.id(), until);
  }
}

void Trouble::strike_between_events() {
  if (world_.random.below(100'000) >= world_.faults.crash_at_event) return;
  City& city = *world_.random.pick(cities_);
  if (!city.is_up()) return;
  city.crash("is killed between two events");
  restart_later(city);
}

void Trouble::restart_later(City& city) {
  world_.scheduler.after(world_.random.between(0, 3 * kSecond), [this, &city] {
    if (!city.is_up()) restart(city);
  });
}

void Trouble::restart(City& city) {
  Random& random = world_.random;
  if (random.chance(world_.faults.reconfigure)) city.configure(CitySettings::draw(random));
  if (random.chance(world_.faults.rot)) {
    world_.trace.note(city.id(), "has something damaged on its disk");
    ++damages_;
    if (auto broken = first_broken_by_damage(city.disk(), random)) {
      world_.fail("node " + std::to_string(city.id().value()) + ": " + *std::move(broken));
      return;
    }
  }
  city.start(peers_);
}

void Trouble::end() {
  world_.network.heal();
  for (const auto& city : cities_) {
    set_clock(*city, 100 * kMillisecond);
    city->fill_disk(0);
    city->pause(0);
    if (city->settings().keys_held == kKeysOfNode) continue;
    CitySettings settings = city->settings();
    settings.keys_held = kKeysOfNode;
    city->configure(settings);
    city->crash("is stopped to be given all its keys");
  }
  world_.trace.note({}, "the faults stop");
}

}  // namespace hugang::simulation
