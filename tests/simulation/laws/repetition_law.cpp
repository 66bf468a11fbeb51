#include "tests/simulation/laws/repetition_law.hpp"

namespace hugang::simulation {

std::optional<std::string> first_broken_if_passed_over(const machine::Peer& peer,
                                                       const peer::Incoming& incoming) {
  if (!incoming.has_place() || incoming.last() > peer.applied.value()) return std::nullopt;
  const base::Digest* applied =
      peer.recent_chains.find(base::ChannelSeqno{incoming.last()}, peer.applied);
  if (applied == nullptr || *applied == incoming.chain_after(incoming.last())) return std::nullopt;
  return "passes over another history of node " + std::to_string(peer.node.value()) +
         " than it has applied, at message " + std::to_string(incoming.last());
}

}  // namespace hugang::simulation
