// The account index by itself: what a transfer costs it in time and bytes, and how long pages of
// histories take once it is large. Builds entries as a node does, without core, journal and disk
// writes of the ledger.
//
//   index_bench [--millions N] [--accounts N] [--ids random|ordered] [--directory DIR] [--pages N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "clearing/base/account_number.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "ledger/index/history_index.hpp"
#include "ledger/memory_journal.hpp"

namespace {

namespace base = hugang::base;
namespace wire = hugang::wire;
namespace index = hugang::ledger::index;
using Clock = std::chrono::steady_clock;

constexpr base::NodeId kNode{1};
constexpr std::uint32_t kBatch = hugang::machine::kTransfersPerBatchMax;

struct Options {
  std::uint64_t millions = 5;
  std::uint32_t accounts = 10'000;
  bool has_random_ids = true;
  std::string directory = "index-bench";
  std::uint32_t pages = 20'000;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Time that the calling thread spent on a processor.
double thread_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}

/// One entry of full batches, its transfers changed from entry to entry.
class Entries {
 public:
  explicit Entries(const Options& options) : options_{options} {
    transfers_.resize(kBatch);
    outcomes_.resize(kBatch);
    for (auto& transfer : transfers_) transfer.asset = base::AssetId{1};
  }

  index::EntryParts next() {
    seqno_ += 1;
    at_ += 8'190'000;  // a million a second
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      wire::Transfer& transfer = transfers_[i];
      const auto debit = static_cast<std::uint32_t>(random_() % options_.accounts) + 1;
      auto credit = static_cast<std::uint32_t>(random_() % (options_.accounts - 1)) + 1;
      if (credit >= debit) ++credit;
      transfer.id = base::CommandId{options_.has_random_ids ? base::make_u128(random_(), random_())
                                                            : base::u128{++last_id_}};
      transfer.debit = base::make_account_number({kNode, base::AccountIndex{debit}});
      transfer.credit = base::make_account_number({kNode, base::AccountIndex{credit}});
      transfer.amount_minor = static_cast<std::int64_t>(random_() % 100'000) + 1;
      outcomes_[i].value = static_cast<std::uint64_t>(transfer.amount_minor);
      outcomes_[i].at = base::Timestamp{at_ + i};
    }
    section_.clear();
    section_.add_group(wire::CommandKind::kTransfer, base::ParticipantId{1}, kBatch,
                       std::as_bytes(std::span{transfers_}));
    return {.seqno = base::Seqno{seqno_},
            .at = base::Timestamp{at_},
            .commands = section_.section(),
            .outcomes = std::as_bytes(std::span{outcomes_}),
            .events = {}};
  }

 private:
  const Options& options_;
  std::mt19937_64 random_{1};
  std::uint64_t seqno_ = 0;
  std::int64_t at_ = 1'800'000'000'000'000'000;
  std::uint64_t last_id_ = 0;
  std::vector<wire::Transfer> transfers_;
  std::vector<wire::Outcome> outcomes_;
  wire::BatchBuilder section_;
};

/// The entry as far as the index asks the journal for it: a head that identifies it.
void append_head(hugang::ledger::Journal& journal, const index::EntryParts& entry) {
  hugang::ledger::EntryParts parts;
  parts.context = {.seqno = entry.seqno, .at = entry.at};
  parts.node = kNode;
  parts.previous = journal.last_checksum();
  const base::Bytes bytes = hugang::ledger::encode_entry(parts);
  const base::ByteSpan span{bytes};
  if (!journal.append(std::span{&span, 1})) std::exit(1);
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--millions") options.millions = std::stoull(value);
    if (name == "--accounts") options.accounts = static_cast<std::uint32_t>(std::stoul(value));
    if (name == "--ids") options.has_random_ids = value != "ordered";
    if (name == "--directory") options.directory = value;
    if (name == "--pages") options.pages = static_cast<std::uint32_t>(std::stoul(value));
  }
  return options;
}

/// As in a node: one thread adds, one sorts and writes.
void build(index::HistoryIndex& index, hugang::ledger::Journal& journal, const Options& options) {
  double work_cpu = 0;
  std::thread worker{[&] {
    bool is_over = false;
    while (!is_over) {
      const auto worked = index.work();
      if (!worked) {
        std::fprintf(stderr, "%s\n", worked.error().sentence.c_str());
        std::exit(1);
      }
      if (*worked) continue;
      is_over = index.wait_for_work() == index::HistoryIndex::Wait::kStopped;
    }
    work_cpu = thread_seconds();
  }};
  Entries entries{options};
  const std::uint64_t batches = (options.millions * 1'000'000 + kBatch - 1) / kBatch;
  double adding = 0;
  const auto begin = Clock::now();
  for (std::uint64_t i = 0; i < batches; ++i) {
    const index::EntryParts entry = entries.next();
    append_head(journal, entry);
    const double before = thread_seconds();
    if (!index.add(entry)) std::exit(1);
    adding += thread_seconds() - before;
  }
  index.stop_waiting();
  worker.join();
  const double transfers = static_cast<double>(batches) * kBatch;
  const auto status = index.status();
  std::printf("%.0f transfers, %u accounts, %s ids, %.2f s in all\n", transfers, options.accounts,
              options.has_random_ids ? "random" : "ordered", seconds_since(begin));
  std::printf("processor time a transfer: %.1f ns adding, %.1f ns sorting and writing\n",
              adding / transfers * 1e9, work_cpu / transfers * 1e9);
  if (status.movements_in_runs > 0) {
    std::printf(
        "%llu runs, %.2f bytes a transfer on disk\n", static_cast<unsigned long long>(status.runs),
        static_cast<double>(status.bytes_on_disk) / static_cast<double>(status.movements_in_runs));
  }
}

void read_pages(const index::HistoryIndex& index, const Options& options, bool is_deep) {
  std::mt19937_64 random{2};
  std::vector<double> micros;
  std::uint64_t lines = 0;
  for (std::uint32_t i = 0; i < options.pages; ++i) {
    index::PageQuestion question;
    question.account =
        base::AccountIndex{static_cast<std::uint32_t>(random() % options.accounts) + 1};
    question.limit = 100;
    if (is_deep) {  // somewhere in the past
      const std::int64_t span = static_cast<std::int64_t>(options.millions) * 1'000'000'000;
      question.to =
          base::Timestamp{1'800'000'000'000'000'000 +
                          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(span))};
    }
    const auto begin = Clock::now();
    const auto page = index.page(question);
    micros.push_back(seconds_since(begin) * 1e6);
    if (!page) {
      std::fprintf(stderr, "%s\n", page.error().sentence.c_str());
      std::exit(1);
    }
    lines += page->postings.size();
  }
  std::ranges::sort(micros);
  const auto at = [&](double share) {
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  std::printf(
      "%s pages of 100 (%.1f lines): p50 %.0f us, p99 %.0f us, p99.9 %.0f us, worst %.0f us\n",
      is_deep ? "old   " : "newest",
      static_cast<double>(lines) / static_cast<double>(micros.size()), at(0.5), at(0.99), at(0.999),
      micros.back());
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  const std::filesystem::path directory = options.directory;
  std::filesystem::remove_all(directory);
  hugang::ledger::MemoryJournal journal{kNode};
  {
    auto opened = index::HistoryIndex::open(directory, journal, {});
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().sentence.c_str());
      return 1;
    }
    build(*opened->index, journal, options);
    read_pages(*opened->index, options, false);
    read_pages(*opened->index, options, true);
  }
  const auto begin = Clock::now();
  const auto again = index::HistoryIndex::open(directory, journal, {});
  std::printf("opened again in %.3f s\n", seconds_since(begin));
  std::filesystem::remove_all(directory);
  return again.has_value() ? 0 : 1;
}
