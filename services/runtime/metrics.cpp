#include "services/runtime/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <sstream>
#include <utility>

namespace hugang::runtime {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

/// Figures are counts well below 2^53; beyond that a metric may lose its last digits.
double as_number(std::uint64_t value) { return static_cast<double>(value); }

class Families {
 public:
  void gauge(std::string name, std::string help, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    add(std::move(name), std::move(help), MetricType::Gauge, std::move(metric));
  }

  void counter(std::string name, std::string help, std::uint64_t value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = as_number(value);
    add(std::move(name), std::move(help), MetricType::Counter, std::move(metric));
  }

  void add(std::string name, std::string help, MetricType type, ClientMetric metric) {
    for (auto& family : families_) {
      if (family.name != name) continue;
      family.metric.push_back(std::move(metric));
      return;
    }
    families_.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
  }

  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, families_);
    return out.str();
  }

 private:
  std::vector<MetricFamily> families_;
};

void add_appends(Families& families, const node::AppendTimes& appends) {
  constexpr double kPerSecond = 1e6;  ///< microseconds; dividing keeps bounds short in decimal
  ClientMetric metric;
  metric.histogram.sample_count = appends.count;
  metric.histogram.sample_sum = as_number(appends.total_us) / kPerSecond;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < appends.counts.size(); ++i) {
    below += appends.counts[i];
    const double bound = i < node::kAppendBucketsUs.size()
                             ? node::kAppendBucketsUs[i] / kPerSecond
                             : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({below, bound});
  }
  families.add("hugang_journal_append_seconds", "How long a durable write took",
               MetricType::Histogram, std::move(metric));
}

void add_node(Families& families, const node::NodeStatus& node) {
  families.counter("hugang_entries_total", "Journal entries made durable and handed out",
                   node.entries_total);
  families.counter("hugang_commands_total", "Commands answered", node.commands_accepted_total,
                   {{"outcome", "accepted"}});
  families.counter("hugang_commands_total", "", node.commands_refused_total,
                   {{"outcome", "refused"}});
  families.counter("hugang_submissions_overloaded_total", "Submissions refused by a full queue",
                   node.submissions_overloaded_total);
  families.counter("hugang_submissions_expired_total",
                   "Submissions whose deadline came before their turn",
                   node.submissions_expired_total);
  families.counter("hugang_journal_bytes_total", "Bytes made durable", node.journal_bytes_total);
  families.counter("hugang_checkpoints_total", "State checkpoints written", node.checkpoints_total);
  families.gauge("hugang_durable_seqno", "Last durable journal entry",
                 as_number(node.durable_seqno.value()));
  families.gauge("hugang_checkpoint_seqno", "Entry of the newest checkpoint",
                 node.checkpoint ? as_number(node.checkpoint->seqno.value()) : 0);
  families.gauge("hugang_queue_commands", "Commands that wait for their turn",
                 node.queued_commands);
  families.gauge("hugang_queue_commands_max", "Where the node says that it is overloaded",
                 node.queued_commands_max);
  families.gauge("hugang_queue_bytes", "Bytes that wait for their turn",
                 as_number(node.queued_bytes));
  families.gauge("hugang_queue_reads", "Reads that wait or are under way", node.queued_reads);
  families.gauge("hugang_entries_in_flight", "Entries applied and not yet handed out",
                 node.entries_in_flight);
  add_appends(families, node.appends);
}

void add_edge(Families& families, const edge::ServerCounters& edge) {
  families.counter("hugang_edge_calls_total", "Calls admitted; a stream counts as one", edge.calls);
  families.counter("hugang_edge_batches_total", "Batches of streams", edge.batches);
  families.counter("hugang_edge_transfers_total", "Transfers handed to the sequencer",
                   edge.transfers);
  families.counter("hugang_edge_refused_total",
                   "Requests answered with an error before they became a command", edge.refused);
  families.counter("hugang_edge_overloaded_total", "Of these: the queue was full", edge.overloaded);
  families.gauge("hugang_edge_waits", "Calls that wait for a settlement's end", edge.waits);
  families.gauge("hugang_edge_in_flight", "Commands and reads under way", edge.in_flight);
}

void add_history(Families& families, const history::HistoryStatus& history) {
  families.gauge("hugang_history_live", "1 while histories of accounts are complete and answered",
                 history.is_live ? 1 : 0);
  families.gauge("hugang_history_failed",
                 "1 when the account index had to be given up: see the log",
                 history.has_failed ? 1 : 0);
  families.gauge("hugang_history_seqno", "Last journal entry in the account index",
                 as_number(history.seqno.value()));
  families.gauge("hugang_history_rows", "Movements of the account index that are in memory",
                 as_number(history.index.rows_in_memory));
  families.gauge("hugang_history_runs", "Sorted tables of the account index",
                 as_number(history.index.runs));
  families.gauge("hugang_history_bytes", "Bytes of these tables",
                 as_number(history.index.bytes_on_disk));
  families.counter("hugang_history_questions_total",
                   "Pages of histories and transfers by id that were asked for",
                   history.questions_total);
  families.gauge("hugang_history_questions", "Of these: waiting", history.questions_waiting);
}

void add_link(Families& families, const peer::LinkStatus& link) {
  const Labels labels{{"peer", link.code}};
  families.gauge("hugang_peer_connected_out", "1 while our stream to the peer is open",
                 link.is_connected_out ? 1 : 0, labels);
  families.gauge("hugang_peer_connected_in", "1 while the peer's stream to us is open",
                 link.is_connected_in ? 1 : 0, labels);
  families.gauge("hugang_peer_in_trouble", "1 while an operator must act: see the log",
                 link.trouble.empty() ? 0 : 1, labels);
  families.gauge("hugang_peer_outbox_messages", "Messages that the peer has not acknowledged",
                 as_number(link.queued.value() - link.acknowledged.value()), labels);
  families.gauge("hugang_peer_applied_seqno", "Last message of the peer that is durable here",
                 as_number(link.applied.value()), labels);
  families.counter("hugang_peer_dials_total", "Attempts to connect", link.dials, labels);
  families.counter("hugang_peer_envelopes_sent_total", "Envelopes sent", link.envelopes_sent,
                   labels);
  families.counter("hugang_peer_envelopes_received_total", "Envelopes received",
                   link.envelopes_received, labels);
  families.counter("hugang_peer_envelopes_unverifiable_total",
                   "Envelopes with an unknown key or a bad signature", link.envelopes_unverifiable,
                   labels);
  families.counter("hugang_peer_resends_total", "Times we went back to the peer's cursor",
                   link.resends, labels);
}

}  // namespace

std::string metrics_text(const MetricsInput& input) {
  Families families;
  families.gauge("hugang_build_info", "Always 1; the labels say what runs", 1,
                 {{"version", std::string{input.version}}, {"node", std::string{input.node_code}}});
  families.gauge("hugang_ready", "1 while clients are served", input.is_ready ? 1 : 0);
  add_node(families, input.node);
  add_edge(families, input.edge);
  add_history(families, input.history);
  for (const auto& link : input.links) add_link(families, link);
  return families.text();
}

}  // namespace hugang::runtime
