#include "clients/hugang/peer_name.hpp"

#include <charconv>

namespace hugang::program {

Attempt<std::uint32_t> peer_number(Context& context, const std::string& name) {
  std::uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (error == std::errc{} && rest == end && number != 0) return number;
  HG_TRY(node, context.node());
  HG_TRY(status, attempt(node.get_node_status({})));
  std::string known;
  for (const auto& peer : status.peers()) {
    if (peer.code() == name) return peer.node();
    known += (known.empty() ? "" : ", ") + peer.code();
  }
  return usage_failure("this node has no peer '" + name +
                       "'; it has: " + (known.empty() ? "none" : known));
}

}  // namespace hugang::program
