// Cross-border payments without disk and network: two machines in one process, driven by the code
// that the links use. Tells where the CPU of one settlement goes, how many bytes it puts into both
// journals and on the wire, what it allocates, and what it leaves in memory.
#include <fmt/core.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "clearing/base/account_number.hpp"
#include "clearing/machine/machine.hpp"
#include "clearing/machine/snapshot.hpp"
#include "clearing/wire/envelope.hpp"
#include "crypto/digest.hpp"
#include "crypto/envelope.hpp"
#include "ledger/entry.hpp"
#include "services/peer/feed.hpp"
#include "services/peer/receiver.hpp"
#include "services/peer/sender.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// Not inlined: the compiler would take malloc and free for a pair that does not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace hugang;
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint32_t accounts = 10'000;
  std::uint32_t batch = 8'190;
  std::uint32_t batches = 60;
  std::uint32_t warm_up = 4;
  std::uint32_t details = 0;
  std::string from_suite = "sm2-sm3";
  std::string to_suite = "ed25519";
};

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

/// Time and allocations of one part of the way, over all settlements.
struct Part {
  const char* name;
  std::chrono::nanoseconds time{};
  std::uint64_t allocated = 0;
};

enum PartId : std::size_t {
  kInstructApply,
  kInstructEntry,
  kFeed,
  kSeal,
  kVerify,
  kDecideApply,
  kDecideEntry,
  kFeedBack,
  kSealBack,
  kVerifyBack,
  kEndApply,
  kEndEntry,
  kPartCount,
};

class Parts {
 public:
  template <class Work>
  auto run(PartId id, Work work) {
    const std::uint64_t before = allocations;
    const auto start = Clock::now();
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      note(id, start, before);
    } else {
      auto result = work();
      note(id, start, before);
      return result;
    }
  }
  void clear() {
    for (Part& part : parts_) part = Part{.name = part.name};
  }
  [[nodiscard]] const std::array<Part, kPartCount>& all() const { return parts_; }

 private:
  void note(PartId id, Clock::time_point start, std::uint64_t before) {
    parts_[id].time += Clock::now() - start;
    parts_[id].allocated += allocations - before;
  }
  std::array<Part, kPartCount> parts_{{{"initiator: apply instructions"},
                                       {"initiator: encode entry"},
                                       {"initiator: feed and outbox"},
                                       {"initiator: payload and signature"},
                                       {"responder: check signature, chain"},
                                       {"responder: apply, decide"},
                                       {"responder: encode entry"},
                                       {"responder: feed and outbox"},
                                       {"responder: payload and signature"},
                                       {"initiator: check signature, chain"},
                                       {"initiator: apply decisions"},
                                       {"initiator: encode entry (ends)"}}};
};

/// One node without disk and network.
class City final : public peer::FeedSink {
 public:
  City(std::uint32_t self, std::uint32_t other, crypto::PrivateKey key)
      : key_{std::move(key)},
        self_{self},
        machine_{{crypto::sha256, crypto::chain_next}},
        sender_{base::NodeId{self}, base::NodeId{other}} {}

  [[nodiscard]] wire::KeyRecord key_record() const {
    const crypto::PublicKey& key = key_.public_key();
    wire::KeyRecord record;
    record.key_id = key.id();
    record.valid_to = base::Timestamp{INT64_MAX};
    record.suite = static_cast<std::uint8_t>(key.suite());
    record.der_bytes = static_cast<std::uint16_t>(key.to_der().size());
    std::copy(key.to_der().begin(), key.to_der().end(), record.der.begin());
    return record;
  }

  /// Genesis, an asset of node 1, one bank, a peer with its corridor, and accounts.
  void found(const City& other, const Options& options) {
    wire::Genesis genesis;
    genesis.id = next_id();
    genesis.node = base::NodeId{self_};
    (void)genesis.code.assign(self_ == 1 ? "shanghai" : "hongkong");
    (void)genesis.name.assign("Bench");
    run(wire::CommandKind::kGenesis, 0, genesis);
    wire::RotateKey rotate;
    rotate.id = next_id();
    rotate.key = key_record();
    run(wire::CommandKind::kRotateKey, 0, rotate);
    wire::RegisterAsset asset;
    asset.id = next_id();
    asset.asset = base::AssetId{1};
    asset.issuer = base::NodeId{1};
    asset.scale = 2;
    (void)asset.code.assign("CNY.D");
    run(wire::CommandKind::kRegisterAsset, 0, asset);
    wire::RegisterParticipant bank;
    bank.id = next_id();
    bank.roles = wire::role::kOperator | wire::role::kParticipant;
    (void)bank.code.assign("bank");
    (void)bank.name.assign("Bank");
    run(wire::CommandKind::kRegisterParticipant, 0, bank);
    wire::RegisterPeer peer;
    peer.id = next_id();
    peer.peer = base::NodeId{other.self_};
    (void)peer.code.assign(other.self_ == 1 ? "shanghai" : "hongkong");
    peer.key = other.key_record();
    run(wire::CommandKind::kRegisterPeer, 1, peer);
    keys_of_peer_.add(other.key_record());
    for (std::uint32_t i = 0; i <= options.accounts; ++i) {
      wire::OpenAccount open;
      open.id = next_id();
      open.owner = base::ParticipantId{1};
      open.asset = base::AssetId{1};
      if (i == 0) {
        open.kind = wire::AccountKind::kCorridor;
        open.peer = base::NodeId{other.self_};
      }
      builder_.add(wire::CommandKind::kOpenAccount, base::ParticipantId{1}, open);
      if (builder_.command_count() < 8'000 && i < options.accounts) continue;
      apply();
      builder_.clear();
    }
    sender_.load(machine_.state().peers.at(base::NodeId{other.self_}));
    sender_.open_stream();
    sender_.take(peer::Report{});
  }

  void apply() {
    at_ = at_ + base::Duration::milliseconds(10);
    context_ = {base::Seqno{machine_.state().last_seqno.value() + 1}, at_};
    if (!machine_.apply(context_, builder_.section(), effects_)) give_up("a malformed section");
    for (const auto& outcome : effects_.outcomes) {
      if (outcome.code != machine::Code::kOk) {
        give_up("refused: " + std::string{machine::code_name(outcome.code)});
      }
    }
    section_bytes_ = builder_.section().size();
  }
  void encode() {
    const auto entry = ledger::encode_entry(context_, base::NodeId{self_}, {}, builder_, effects_);
    entry_bytes_ += entry.size();
    builder_.clear();
  }
  void feed() { peer::read_feed(effects_.events, *this); }
  /// Takes the acknowledgement and empties the outbox of the sender.
  void acknowledged(const City& other) {
    const auto& peer = other.machine_.state().peers.at(base::NodeId{self_});
    peer::Report report;
    report.applied = peer.applied;
    report.chain = peer.applied_chain;
    sender_.take(report);
  }
  [[nodiscard]] base::Bytes seal() {
    auto payload = sender_.next_payload(at_, machine_.state().peers.begin()->second.applied);
    return payload ? peer::seal_bytes(key_, *std::move(payload)) : base::Bytes{};
  }
  [[nodiscard]] peer::Incoming verify(const base::Bytes& bytes) const {
    auto incoming = peer::verify_incoming(bytes, keys_of_peer_);
    if (!incoming) give_up("not verified");
    return *std::move(incoming);
  }
  void take(const peer::Incoming& incoming) {
    const auto record = wire::encode_peer_envelope(
        base::NodeId{3 - self_}, wire::encode_envelope(incoming.evidence().envelope()));
    builder_.add_group(wire::CommandKind::kPeerEnvelope, base::ParticipantId{0}, 1, record);
  }

  [[nodiscard]] wire::BatchBuilder& builder() { return builder_; }
  [[nodiscard]] const machine::State& state() const { return machine_.state(); }
  void forget_id_lines() { (void)machine_.take_new_id_blocks(); }
  [[nodiscard]] std::uint64_t entry_bytes() const { return entry_bytes_; }
  void clear_counts() { entry_bytes_ = 0; }

 private:
  base::CommandId next_id() { return base::CommandId{++last_id_}; }
  template <class Record>
  void run(wire::CommandKind kind, std::uint32_t caller, const Record& record) {
    builder_.add(kind, base::ParticipantId{caller}, record);
    apply();
    builder_.clear();
  }
  void on_messages(base::NodeId, std::vector<machine::OutboxMessage> messages) override {
    for (auto& message : messages) sender_.queue(std::move(message));
  }
  void on_key(base::NodeId, const wire::KeyRecord&) override {}
  void on_halted(base::NodeId, machine::Code) override { give_up("halted"); }
  void on_resumed(base::NodeId) override {}

  crypto::PrivateKey key_;
  std::uint32_t self_;
  machine::Machine machine_;
  peer::PeerSender sender_;
  peer::KeyDirectory keys_of_peer_;
  wire::BatchBuilder builder_;
  machine::Effects effects_;
  machine::EntryContext context_;
  std::size_t section_bytes_ = 0;
  std::uint64_t entry_bytes_ = 0;
  std::uint64_t last_id_ = 0;
  base::Timestamp at_{1'000'000'000};
};

base::AccountNumber account(std::uint32_t node, std::uint32_t index) {
  // Index 1 is the corridor account.
  return base::make_account_number({base::NodeId{node}, base::AccountIndex{index + 2}});
}

class Bench {
 public:
  explicit Bench(const Options& options)
      : options_{options},
        shanghai_{1, 2, key(options.from_suite)},
        hongkong_{2, 1, key(options.to_suite)},
        details_(options.details, std::byte{'x'}) {
    shanghai_.found(hongkong_, options);
    hongkong_.found(shanghai_, options);
  }

  void run() {
    for (std::uint32_t i = 0; i < options_.warm_up; ++i) settle_batch();
    parts_.clear();
    shanghai_.clear_counts();
    hongkong_.clear_counts();
    wire_bytes_ = 0;
    const auto live_before = mallinfo2().uordblks;
    for (std::uint32_t i = 0; i < options_.batches; ++i) settle_batch();
    shanghai_.forget_id_lines();
    hongkong_.forget_id_lines();
    report(static_cast<double>(mallinfo2().uordblks - live_before));
  }

 private:
  static crypto::PrivateKey key(const std::string& suite) {
    const auto found = wire::suite_from_text(suite);
    if (!found) give_up("no such suite: " + suite);
    return crypto::PrivateKey::generate(*found);
  }

  void fill() {
    wire::InstructHead head;
    head.initiator = base::NodeId{1};
    head.responder = base::NodeId{2};
    wire::Leg leg;
    leg.asset = base::AssetId{1};
    base::Bytes records;
    for (std::uint32_t i = 0; i < options_.batch; ++i) {
      head.id = base::CommandId{base::make_u128(7, ++last_id_)};
      leg.initiator_account = account(1, random() % options_.accounts);
      leg.responder_account = account(2, random() % options_.accounts);
      leg.amount_minor = 1 + random() % 10'000;
      wire::append_instruct(records, head, std::span{&leg, 1}, details_);
    }
    shanghai_.builder().add_instructs(base::ParticipantId{1}, records);
  }

  /// Everything that `from` has queued, into one entry of `to` per envelope.
  void carry(City& from, City& to, PartId seal, PartId verify, PartId apply, PartId entry,
             const std::function<void()>& then) {
    for (;;) {
      const auto bytes = parts_.run(seal, [&] { return from.seal(); });
      if (bytes.empty()) return;
      wire_bytes_ += bytes.size();
      auto incoming = parts_.run(verify, [&] {
        auto verified = to.verify(bytes);
        to.take(verified);
        return verified;
      });
      parts_.run(apply, [&] { to.apply(); });
      parts_.run(entry, [&] { to.encode(); });
      then();
      from.acknowledged(to);
    }
  }

  void settle_batch() {
    fill();
    parts_.run(kInstructApply, [&] { shanghai_.apply(); });
    parts_.run(kInstructEntry, [&] { shanghai_.encode(); });
    parts_.run(kFeed, [&] { shanghai_.feed(); });
    carry(shanghai_, hongkong_, kSeal, kVerify, kDecideApply, kDecideEntry,
          [&] { parts_.run(kFeedBack, [&] { hongkong_.feed(); }); });
    carry(hongkong_, shanghai_, kSealBack, kVerifyBack, kEndApply, kEndEntry, [] {});
    if (shanghai_.state().open_settlements != 0) give_up("a payment did not end");
    shanghai_.forget_id_lines();
    hongkong_.forget_id_lines();
  }

  void report(double live_bytes) const {
    const double count = static_cast<double>(options_.batch) * options_.batches;
    double sum = 0;
    double allocated = 0;
    for (const Part& part : parts_.all()) {
      const double ns = static_cast<double>(part.time.count()) / count;
      sum += ns;
      allocated += static_cast<double>(part.allocated);
      fmt::print("  {:34} {:8.0f} ns {:8.2f} allocations\n", part.name, ns,
                 static_cast<double>(part.allocated) / count);
    }
    fmt::print("  {:34} {:8.0f} ns {:8.2f} allocations: {:.0f} settlements/s on one core\n", "sum",
               sum, allocated / count, 1e9 / sum);
    base::Bytes snapshot;
    machine::encode_snapshot(shanghai_.state(), snapshot);
    const double ever = count + static_cast<double>(options_.batch) * options_.warm_up;
    fmt::print(
        "bytes per settlement: journal of the initiator {:.0f}, of the responder {:.0f}; on the "
        "wire {:.0f}; left in memory of both with the id tables {:.0f}; of a snapshot {:.0f}\n",
        static_cast<double>(shanghai_.entry_bytes()) / count,
        static_cast<double>(hongkong_.entry_bytes()) / count,
        static_cast<double>(wire_bytes_) / count, live_bytes / count,
        static_cast<double>(snapshot.size()) / ever);
  }

  std::uint32_t random() {
    random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(random_ >> 33U);
  }

  Options options_;
  City shanghai_;
  City hongkong_;
  base::Bytes details_;
  Parts parts_;
  std::uint64_t wire_bytes_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t random_ = 42;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Two machines settle payments with each other, without disk and network"};
  app.add_option("--accounts", options.accounts, "In each city")->capture_default_str();
  app.add_option("--batch", options.batch, "Instructions of an entry")->capture_default_str();
  app.add_option("--batches", options.batches)->capture_default_str();
  app.add_option("--details", options.details, "Bytes of details")->capture_default_str();
  app.add_option("--from-suite", options.from_suite, "sm2-sm3 or ed25519")->capture_default_str();
  app.add_option("--to-suite", options.to_suite)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Bench{options}.run();
  return 0;
}
