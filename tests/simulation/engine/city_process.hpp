// What a city loses when it crashes. Internal to engine/.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <vector>

#include "tests/simulation/engine/city.hpp"

namespace hugang::simulation {

/// Both directions with one peer.
struct City::Link {
  Link(base::NodeId self, base::NodeId other, peer::Transport transport,
       const CitySettings& settings)
      : peer{other},
        sender{self, other, settings.send},
        course{settings.pace, self.value() * 100 + other.value()},
        receiver{other, transport} {}

  base::NodeId peer;
  peer::PeerSender sender;
  peer::OutgoingCourse course;
  peer::PeerReceiver receiver;
  peer::KeyDirectory keys;
  std::uint64_t outgoing =
      0;  ///< connection that we dialled; 0: none, and the next dial is planned
  std::uint64_t incoming = 0;  ///< connection that the peer dialled
};

struct City::Process {
  Process(const CitySettings& settings, ledger::Journal& journal, const node::Clock& clock,
          machine::Machine machine, peer::SigningKeys::PrivateKeys keys)
      : node{settings.node, journal, clock, std::move(machine),
             [this](const ledger::LedgerError&) { has_failed = true; }},
        signing_keys{std::move(keys)} {}

  bool has_failed = false;
  node::Node node;
  peer::SigningKeys signing_keys;
  std::map<base::NodeId, Link> links;
  std::array<bool, 4> is_planned{};
};

}  // namespace hugang::simulation
