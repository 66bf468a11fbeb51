#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "clearing/machine/snapshot.hpp"
#include "clients/audit/verify.hpp"
#include "clients/format/id_text.hpp"
#include "ledger/memory_journal.hpp"
#include "ledger/rocks/open.hpp"
#include "tests/unit/ledger/small_ledger.hpp"
#include "tests/unit/ledger/temporary_directory.hpp"

namespace hugang::audit {
namespace {

namespace fs = std::filesystem;
using hugang::test::TemporaryDirectory;
using ledger::MemoryJournal;
using ledger::test::kSelf;
using ledger::test::SmallLedger;
using testing::HasSubstr;

/// Money moves, a peer is registered and says something, three checkpoints are taken.
void live(SmallLedger& ledger) {
  ledger.begin(5);
  ledger.trade(3, 5, 1);
  ledger.checkpoint();  // 6
  ledger.register_peer();
  ledger.add_envelope(ledger.envelope_of_peer());
  ASSERT_EQ(ledger.commit().at(0).code, machine::Code::kOk);
  ledger.checkpoint();  // 8
  ledger.trade(2, 5, 2);
}

TEST(Examine, FindsNothingInAGoodLedger) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  live(ledger);
  const Verdict verdict = examine(journal);
  EXPECT_TRUE(verdict.is_good()) << verdict.findings.at(0).sentence;
  EXPECT_EQ(verdict.trustworthy_to, Seqno{10});
  EXPECT_EQ(verdict.signatures_good, 1u);
  EXPECT_EQ(verdict.laws_checked, 3u);
  ASSERT_EQ(verdict.checkpoints.size(), 2u);
  EXPECT_TRUE(verdict.checkpoints[0].is_good && verdict.checkpoints[1].is_good);
  EXPECT_EQ(verdict.state_digest, ledger::state_digest(ledger.state()));
  EXPECT_EQ(verdict.code, "shanghai");
}

TEST(Examine, FindsNothingInAnEmptyLedger) {
  const MemoryJournal journal{kSelf};
  EXPECT_TRUE(examine(journal).is_good());
}

TEST(Examine, NamesAFlippedByteInAnyEntry) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  live(ledger);
  for (std::uint64_t seqno = 1; seqno <= 10; ++seqno) {
    const std::size_t size = journal.read(Seqno{seqno})->size();
    for (std::size_t at = 0; at < size; at += 97) {
      journal.damage_entry(Seqno{seqno}, at, std::byte{0x20});
      const Verdict verdict = examine(journal);
      ASSERT_FALSE(verdict.is_good()) << "entry " << seqno << " byte " << at;
      ASSERT_EQ(verdict.findings[0].entry, Seqno{seqno}) << verdict.findings[0].sentence;
      ASSERT_EQ(verdict.trustworthy_to, Seqno{seqno - 1});
      journal.damage_entry(Seqno{seqno}, at, std::byte{0x20});
    }
  }
  EXPECT_TRUE(examine(journal).is_good());
}

TEST(Examine, FindsAnEnvelopeThatItsSenderNeverSigned) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  ledger.begin(2);
  ledger.register_peer();
  // The machine does not look at signatures, so a dishonest node could journal this.
  base::Bytes envelope = ledger.envelope_of_peer();
  envelope[wire::kEnvelopeHeaderBytes + sizeof(wire::PayloadHead) + 5] ^= std::byte{1};
  ledger.add_envelope(envelope);
  ASSERT_EQ(ledger.commit().at(0).code, machine::Code::kOk);
  const Verdict verdict = examine(journal);
  ASSERT_FALSE(verdict.is_good());
  EXPECT_EQ(verdict.findings[0].entry, Seqno{5});
  EXPECT_THAT(verdict.findings[0].sentence, HasSubstr("never signed"));
  EXPECT_EQ(verdict.trustworthy_to, Seqno{4});
}

TEST(Examine, TellsABadCheckpointFromBadEntries) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  live(ledger);
  journal.damage_snapshot(Seqno{6}, 50, std::byte{1});
  const Verdict verdict = examine(journal);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_THAT(verdict.findings[0].sentence, HasSubstr("checkpoint at entry 6"));
  EXPECT_EQ(verdict.trustworthy_to, Seqno{10});
  EXPECT_FALSE(verdict.checkpoints[0].is_good);
  EXPECT_TRUE(verdict.checkpoints[1].is_good);
}

TEST(Examine, FindsACheckpointOfAnotherState) {
  MemoryJournal journal{kSelf};
  SmallLedger ledger{journal};
  live(ledger);
  auto checkpoint = ledger::make_checkpoint(ledger.machine(), journal.last_checksum());
  machine::State state = *machine::decode_snapshot(checkpoint.snapshot);
  state.accounts[1].balance.credits_posted += 100;
  state.accounts[0].balance.debits_posted += 100;
  checkpoint.snapshot.clear();
  machine::encode_snapshot(state, checkpoint.snapshot);
  checkpoint.info.snapshot_bytes = checkpoint.snapshot.size();
  checkpoint.info.digest = crypto::sha256(checkpoint.snapshot);
  ASSERT_TRUE(journal.put_checkpoint(checkpoint));
  const Verdict verdict = examine(journal);
  ASSERT_EQ(verdict.findings.size(), 1u);
  EXPECT_THAT(verdict.findings[0].sentence, HasSubstr("another state"));
}

/// What a run of the program printed, and its exit code.
struct Ran {
  std::string output;
  int code = -1;
};

Ran run(const std::string& arguments) {
  Ran ran;
  FILE* pipe = popen((std::string{HUGANG_AUDIT} + " " + arguments + " 2>&1").c_str(), "r");
  HG_CHECK(pipe != nullptr);
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.output.append(buffer.data(), got);
  }
  ran.code = WEXITSTATUS(pclose(pipe));
  return ran;
}

class AuditProgram : public testing::Test {
 protected:
  AuditProgram() {
    auto journal = ledger::rocks::open_journal(directory(), kSelf);
    HG_CHECK(journal.has_value());
    SmallLedger ledger{**journal};
    live(ledger);
    account_ = format::account_text(ledger.state().number_of(base::AccountIndex{2}));
    digest_ = base::to_hex(ledger::state_digest(ledger.state()).bytes);
  }
  [[nodiscard]] fs::path directory() const { return dir_.path() / "ledger"; }

  TemporaryDirectory dir_;
  std::string account_;
  std::string digest_;
};

TEST_F(AuditProgram, VerifiesAGoodLedger) {
  const Ran text = run("verify " + directory().string());
  EXPECT_EQ(text.code, 0) << text.output;
  EXPECT_THAT(text.output, HasSubstr("verdict      GOOD"));
  EXPECT_THAT(text.output, HasSubstr(digest_));
  const Ran json = run("verify --json " + directory().string());
  EXPECT_EQ(json.code, 0);
  EXPECT_THAT(json.output, HasSubstr("\"verdict\": \"good\""));
}

TEST_F(AuditProgram, NamesAFlippedByteOnDisk) {
  fs::path log;
  for (const auto& file : fs::directory_iterator{directory()}) {
    if (file.path().extension() == ".log") log = file.path();
  }
  std::fstream file{log, std::ios::binary | std::ios::in | std::ios::out};
  file.seekg(3000);
  const auto byte = static_cast<char>(file.get() ^ 1);
  file.seekp(3000);
  file.put(byte);
  file.close();
  const Ran text = run("verify " + directory().string());
  EXPECT_EQ(text.code, 1) << text.output;
  EXPECT_THAT(text.output, HasSubstr("verdict      BAD"));
  EXPECT_THAT(text.output, testing::ContainsRegex("damaged at entry [0-9]+"));
  EXPECT_THAT(text.output, HasSubstr("can be trusted"));
  EXPECT_EQ(run("replay " + directory().string()).code, 1);
}

TEST_F(AuditProgram, ReplaysAndTellsBalances) {
  const Ran replay = run("replay " + directory().string());
  EXPECT_EQ(replay.code, 0) << replay.output;
  EXPECT_THAT(replay.output, HasSubstr(digest_));
  EXPECT_THAT(replay.output, HasSubstr("checkpoint   entry 8: the same state"));
  EXPECT_THAT(replay.output, HasSubstr("issued CNY.D 50,000.00"));
  const Ran before = run("balance --to 2 " + directory().string() + " " + account_);
  EXPECT_EQ(before.code, 0) << before.output;
  EXPECT_THAT(before.output, HasSubstr("balance      CNY.D 0.00"));
  const Ran funded = run("balance --json --to 3 " + directory().string() + " " + account_);
  EXPECT_EQ(funded.code, 0);
  EXPECT_THAT(funded.output, HasSubstr("\"balance_minor\": \"1000000\""));
  const Ran as_of =
      run("balance --as-of 1970-01-01T00:00:00.0025Z " + directory().string() + " " + account_);
  EXPECT_EQ(as_of.code, 0) << as_of.output;
  EXPECT_THAT(as_of.output, HasSubstr("as of        entry 2"));
}

TEST_F(AuditProgram, DumpsEntriesInWords) {
  const Ran text = run("dump --from 3 --to 3 " + directory().string());
  EXPECT_EQ(text.code, 0) << text.output;
  EXPECT_THAT(text.output, HasSubstr("transfer by 1"));
  EXPECT_THAT(text.output, HasSubstr("amount CNY.D 10,000.00"));
  EXPECT_THAT(text.output, HasSubstr("credit " + account_));
  EXPECT_THAT(text.output, HasSubstr("=> OK"));
  const Ran json = run("dump --json --from 8 --to 8 " + directory().string());
  EXPECT_EQ(json.code, 0);
  EXPECT_THAT(json.output, HasSubstr("\"kind\":\"peer_envelope\""));
}

TEST(AuditDump, BelievesNothingThatWasRefused) {
  const TemporaryDirectory dir;
  const std::string directory = (dir.path() / "ledger").string();
  {
    auto journal = ledger::rocks::open_journal(directory, kSelf);
    ASSERT_TRUE(journal.has_value());
    SmallLedger ledger{**journal};
    ledger.begin(1);
    wire::RegisterAsset asset;
    asset.asset = base::AssetId{2};
    asset.issuer = kSelf;
    asset.scale = 4;
    asset.code = ledger::test::text<8>("X\x1b[2J");
    ledger.add(wire::CommandKind::kRegisterAsset, base::ParticipantId{9}, asset);
    asset.scale = 2;
    asset.code = ledger::test::text<8>("HKD");
    ledger.add(wire::CommandKind::kRegisterAsset, ledger::test::kOperator, asset);
    wire::Transfer transfer;
    transfer.asset = base::AssetId{2};
    transfer.amount_minor = 12'345;
    ledger.add(wire::CommandKind::kTransfer, ledger::test::kOperator, transfer);
    const auto outcomes = ledger.commit();
    ASSERT_NE(outcomes.at(0).code, machine::Code::kOk);
    ASSERT_EQ(outcomes.at(1).code, machine::Code::kOk);
  }
  const Ran text = run("dump --from 4 " + directory);
  EXPECT_EQ(text.code, 0) << text.output;
  EXPECT_THAT(text.output, HasSubstr("amount HKD 123.45"));
  EXPECT_THAT(text.output, HasSubstr("code X\\x1b[2J"));
  EXPECT_THAT(text.output, testing::Not(HasSubstr("\x1b")));
}

TEST_F(AuditProgram, ExitsAsScriptsExpect) {
  EXPECT_EQ(run("").code, 2);
  EXPECT_EQ(run("nonsense").code, 2);
  EXPECT_EQ(run("verify").code, 2);
  EXPECT_EQ(run("balance " + directory().string() + " 123").code, 2);
  EXPECT_EQ(run("balance --as-of yesterday " + directory().string() + " " + account_).code, 2);
  EXPECT_EQ(run("replay --to 11 " + directory().string()).code, 2);
  EXPECT_EQ(run("verify " + (dir_.path() / "missing").string()).code, 3);
  EXPECT_EQ(run("--help").code, 0);
}

}  // namespace
}  // namespace hugang::audit
