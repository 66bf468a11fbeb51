// How fast the journal takes entries durably, and how fast a machine comes back from it.
// usage: journal_bench [DIRECTORY] [ENTRIES]   (default: a new directory under the system's
// temporary one, 300 entries of 8,190 transfers, about 1 MiB each)
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "clearing/machine/limits.hpp"
#include "clearing/machine/machine.hpp"
#include "crypto/digest.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/recovery.hpp"
#include "ledger/rocks/open.hpp"

namespace hugang {
namespace {

using Clock = std::chrono::steady_clock;
using ledger::Journal;

constexpr base::NodeId kNode{1};
constexpr base::AssetId kAsset{1};
constexpr base::ParticipantId kOperator{1};
constexpr std::uint32_t kAccounts = 10'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

machine::Hashing hashing() { return {.sha256 = crypto::sha256, .chain_next = crypto::chain_next}; }

template <std::size_t N>
wire::FixedText<N> text(const char* value) {
  wire::FixedText<N> fixed;
  HG_CHECK(fixed.assign(value));
  return fixed;
}

/// Makes entries with a real machine and keeps the time that only the appends take.
class Writer {
 public:
  explicit Writer(Journal& journal) : journal_{journal}, machine_{hashing()} {}

  void open_accounts() {
    wire::Genesis genesis;
    genesis.node = kNode;
    genesis.code = text<16>("bench");
    genesis.name = text<64>("Bench");
    add(wire::CommandKind::kGenesis, base::ParticipantId{}, genesis);
    wire::RegisterParticipant participant;
    participant.roles = wire::role::kOperator | wire::role::kParticipant;
    participant.code = text<16>("operator");
    participant.name = text<72>("Operator");
    add(wire::CommandKind::kRegisterParticipant, base::ParticipantId{}, participant);
    commit();
    wire::RegisterAsset asset;
    asset.asset = kAsset;
    asset.issuer = kNode;
    asset.scale = 2;
    asset.code = text<8>("CNY.D");
    add(wire::CommandKind::kRegisterAsset, kOperator, asset);
    for (std::uint32_t i = 0; i < kAccounts; ++i) {
      wire::OpenAccount account;
      account.owner = kOperator;
      account.asset = kAsset;
      add(wire::CommandKind::kOpenAccount, kOperator, account);
    }
    commit();
  }

  /// One entry of the largest batch of transfers, with unique ids that tell nothing to a hash.
  void transfer_batch() {
    std::vector<wire::Transfer> transfers(machine::kTransfersPerBatchMax);
    for (wire::Transfer& transfer : transfers) {
      random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
      transfer.id = base::CommandId{base::make_u128(random_, ++last_id_)};
      const auto debit = static_cast<std::uint32_t>(random_ >> 40) % kAccounts + 1;
      const auto credit = (debit + static_cast<std::uint32_t>(random_ >> 20) % 7'919) % kAccounts;
      const std::uint32_t other = credit + 1 == debit ? credit % kAccounts + 2 : credit + 1;
      transfer.debit = machine_.state().number_of(base::AccountIndex{debit});
      transfer.credit =
          machine_.state().number_of(base::AccountIndex{other > kAccounts ? 1 : other});
      transfer.amount_minor = 100;
      transfer.asset = kAsset;
    }
    batch_.add_group(wire::CommandKind::kTransfer, kOperator,
                     static_cast<std::uint32_t>(transfers.size()),
                     std::as_bytes(std::span{transfers}));
    commit();
    for (const wire::Outcome& outcome : effects_.outcomes) {
      HG_CHECK(outcome.code == machine::Code::kOk);
    }
  }

  std::vector<double> append_seconds;
  std::uint64_t bytes = 0;

 private:
  template <class Record>
  void add(wire::CommandKind kind, base::ParticipantId caller, Record record) {
    record.id = base::CommandId{++last_id_};
    batch_.add(kind, caller, record);
  }

  void commit() {
    const machine::State& state = machine_.state();
    const machine::EntryContext context{.seqno = base::Seqno{state.last_seqno.value() + 1},
                                        .at = state.last_at + base::Duration::milliseconds(1)};
    HG_CHECK(machine_.apply(context, batch_.section(), effects_).has_value());
    const base::Bytes entry =
        ledger::encode_entry(context, kNode, journal_.last_checksum(), batch_, effects_);
    const base::ByteSpan span{entry};
    const auto start = Clock::now();
    HG_CHECK(journal_.append(std::span{&span, 1}).has_value());
    append_seconds.push_back(seconds_since(start));
    bytes += entry.size();
    batch_.clear();
  }

  Journal& journal_;
  machine::Machine machine_;
  wire::BatchBuilder batch_;
  machine::Effects effects_;
  std::uint64_t last_id_ = 0;
  std::uint64_t random_ = 1;
};

double percentile(std::vector<double> values, double fraction) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(fraction * static_cast<double>(values.size() - 1))];
}

std::unique_ptr<Journal> open(const std::filesystem::path& directory) {
  auto journal = ledger::rocks::open_journal(directory, kNode);
  if (journal) return std::move(*journal);
  std::fprintf(stderr, "%s\n", journal.error().sentence.c_str());
  std::exit(1);
}

void recover_and_print(const std::filesystem::path& directory) {
  const auto start = Clock::now();
  const auto journal = open(directory);
  const double open_seconds = seconds_since(start);
  const auto recovered = ledger::recover(*journal, hashing());
  if (!recovered) {
    std::fprintf(stderr, "%s\n", recovered.error().sentence.c_str());
    std::exit(1);
  }
  const ledger::RecoveryReport& report = recovered->report;
  std::printf(
      "recovery   from entry %llu: opened in %.2f s, %llu commands in %.2f s, %.2f million "
      "a second\n",
      static_cast<unsigned long long>(report.checkpoint.value()), open_seconds,
      static_cast<unsigned long long>(report.commands_replayed), report.seconds,
      static_cast<double>(report.commands_replayed) / report.seconds / 1e6);
}

void print_append(const Writer& writer, int entries) {
  const auto& all = writer.append_seconds;
  const std::vector<double> batches{all.end() - entries, all.end()};
  double total = 0;
  for (const double s : batches) total += s;
  const double transfers = static_cast<double>(entries) * machine::kTransfersPerBatchMax;
  std::printf("append     %d entries of %u transfers, %.2f MiB each, sync on\n", entries,
              machine::kTransfersPerBatchMax,
              static_cast<double>(writer.bytes) / static_cast<double>(all.size()) / 1048576.0);
  std::printf("           %.2f million transfers/s, %.0f MiB/s; ms p50 %.2f p99 %.2f max %.2f\n",
              transfers / total / 1e6, static_cast<double>(writer.bytes) / total / 1048576.0,
              percentile(batches, 0.5) * 1e3, percentile(batches, 0.99) * 1e3,
              percentile(batches, 1.0) * 1e3);
}

int run(int argc, char** argv) {
  std::filesystem::path directory;
  const bool is_temporary = argc < 2;
  if (is_temporary) {
    std::string name = (std::filesystem::temp_directory_path() / "journal-bench-XXXXXX").string();
    HG_CHECK(mkdtemp(name.data()) != nullptr);
    directory = name;
  } else {
    directory = argv[1];
  }
  const int entries = argc > 2 ? std::atoi(argv[2]) : 300;
  utsname machine_name{};
  uname(&machine_name);
#if defined(__OPTIMIZE__) && !defined(HUGANG_CHECK_LAWS)
  const char* build = "release";
#else
  const char* build = "dev (figures mean little)";
#endif
  std::printf("machine    %s, %ld processors, build %s, %s\n", machine_name.machine,
              sysconf(_SC_NPROCESSORS_ONLN), build, directory.c_str());
  {
    const auto journal = open(directory);
    Writer writer{*journal};
    writer.open_accounts();
    for (int i = 0; i < entries; ++i) writer.transfer_batch();
    print_append(writer, entries);
  }
  recover_and_print(directory);
  {
    const auto journal = open(directory);
    auto recovered = ledger::recover(*journal, hashing());
    HG_CHECK(recovered.has_value());
    const auto start = Clock::now();
    const auto checkpoint = ledger::make_checkpoint(recovered->machine, journal->last_checksum());
    const double made = seconds_since(start);
    HG_CHECK(journal->put_checkpoint(checkpoint).has_value());
    std::printf("checkpoint %u accounts, %zu new ids: made in %.3f s, durable in %.2f s\n",
                kAccounts, checkpoint.id_blocks.blocks.size() * machine::kIdBlockLines, made,
                seconds_since(start));
  }
  recover_and_print(directory);
  if (is_temporary) std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace hugang

int main(int argc, char** argv) { return hugang::run(argc, argv); }
