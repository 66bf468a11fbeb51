// The node's figures in the text format of Prometheus. docs/OPERATIONS.md says what each means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/edge/server.hpp"
#include "services/history/history.hpp"
#include "services/node/status.hpp"
#include "services/peer/peer_links.hpp"

namespace hugang::runtime {

struct MetricsInput {
  std::string_view version;
  std::string_view node_code;
  bool is_ready = false;
  node::NodeStatus node;
  edge::ServerCounters edge;
  history::HistoryStatus history;
  std::vector<peer::LinkStatus> links;
};

[[nodiscard]] std::string metrics_text(const MetricsInput& input);

}  // namespace hugang::runtime
