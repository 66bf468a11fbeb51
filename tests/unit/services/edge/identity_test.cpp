#include "services/edge/identity.hpp"

#include <gtest/gtest.h>

#include "services/edge/directory.hpp"

namespace hugang::edge {
namespace {

TEST(Identity, IsTheTwoPartsOfTheUri) {
  EXPECT_EQ(parse_identity("hugang://shanghai/alice"), (Identity{"shanghai", "alice"}));
  EXPECT_EQ(parse_identity("hugang://hk-2/HSBCHKHH"), (Identity{"hk-2", "HSBCHKHH"}));
}

TEST(Identity, RefusesEveryOtherForm) {
  for (const char* uri : {"",
                          "hugang:",
                          "hugang://",
                          "hugang:///",
                          "hugang://shanghai",
                          "hugang://shanghai/",
                          "hugang:///alice",
                          "hugang://shanghai/alice/",
                          "hugang://shanghai/a/b",
                          "hugang://shanghai//alice",
                          "hugang://shang hai/alice",
                          "hugang://shanghai/alice?x=1",
                          "hugang://shanghai/alice#x",
                          "hugang://shanghai:1/alice",
                          "hugang://u@shanghai/alice",
                          "hugang://shanghai/%61lice",
                          "hugang://shanghai/-alice",
                          "hugang://shanghai/al\xc3\xad"
                          "ce",
                          "hugang://shanghai/abcdefghijklmnopq",
                          "HUGANG://shanghai/alice",
                          "spiffe://shanghai/alice"}) {
    EXPECT_EQ(parse_identity(uri), std::unexpected{EdgeError::kIdentityMalformed}) << uri;
  }
}

std::expected<Identity, EdgeError> among(std::vector<std::string_view> uris) {
  return identity_among(uris);
}

TEST(Identity, IsExactlyOneAmongTheNamesOfACertificate) {
  EXPECT_EQ(among({"https://example.org", "hugang://shanghai/alice"}),
            (Identity{"shanghai", "alice"}));
  EXPECT_EQ(among({}), std::unexpected{EdgeError::kIdentityMissing});
  EXPECT_EQ(among({"https://example.org"}), std::unexpected{EdgeError::kIdentityMissing});
  EXPECT_EQ(among({"hugang://shanghai/alice", "hugang://shanghai/bob"}),
            std::unexpected{EdgeError::kIdentityMissing});
  EXPECT_EQ(among({"hugang://shanghai/alice", "hugang://shanghai/alice"}),
            std::unexpected{EdgeError::kIdentityMissing});
  EXPECT_EQ(among({"hugang://shanghai"}), std::unexpected{EdgeError::kIdentityMalformed});
}

machine::Participant participant(std::uint32_t id, std::string_view code, std::uint32_t roles) {
  machine::Participant made;
  made.id = base::ParticipantId{id};
  made.roles = roles;
  EXPECT_TRUE(made.code.assign(code));
  return made;
}

/// An entry with one command of one kind and its outcome.
template <class Record>
void tell(Directory& directory, std::uint64_t seqno, wire::CommandKind kind, const Record& record,
          const wire::Outcome& outcome) {
  wire::BatchBuilder batch;
  batch.add(kind, base::ParticipantId{1}, record);
  directory.on_durable({.seqno = base::Seqno{seqno},
                        .at = base::Timestamp{1},
                        .commands = batch.section(),
                        .outcomes = std::span{&outcome, 1},
                        .events = {}});
}

void tell_registered(Directory& directory, std::uint64_t seqno, std::string_view code,
                     std::uint32_t id, wire::Outcome outcome = {}) {
  wire::RegisterParticipant record;
  EXPECT_TRUE(record.code.assign(code));
  record.roles = wire::role::kParticipant;
  outcome.value = id;
  tell(directory, seqno, wire::CommandKind::kRegisterParticipant, record, outcome);
}

void tell_suspended(Directory& directory, std::uint64_t seqno, std::uint32_t id, bool suspends) {
  wire::UpdateParticipant record;
  record.participant = base::ParticipantId{id};
  record.suspend = suspends ? 1 : 0;
  tell(directory, seqno, wire::CommandKind::kUpdateParticipant, record, {});
}

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryTest() {
    snapshot_.participants = {
        participant(1, "operator", wire::role::kOperator),
        participant(2, "alice", wire::role::kParticipant | wire::role::kPeer)};
    snapshot_.peers = {{"hongkong", base::NodeId{2}}};
  }
  [[nodiscard]] EdgeError error_of(std::string node, std::string code) const {
    const auto found = directory_.find({std::move(node), std::move(code)});
    EXPECT_FALSE(found.has_value());
    return found ? EdgeError::kCancelled : found.error();
  }

  Directory directory_{"shanghai"};
  Directory::Snapshot snapshot_;
};

TEST_F(DirectoryTest, KnowsNobodyBeforeItIsLoaded) {
  EXPECT_EQ(error_of("shanghai", "operator"), EdgeError::kStarting);
}

TEST_F(DirectoryTest, FindsParticipantsByCodeAndNeverMakesThemPeers) {
  directory_.load(snapshot_, base::Seqno{7});
  const auto alice = directory_.find({"shanghai", "alice"});
  ASSERT_TRUE(alice.has_value());
  EXPECT_EQ(alice->participant(), base::ParticipantId{2});
  EXPECT_EQ(alice->roles(), wire::role::kParticipant);
  EXPECT_TRUE(alice->peer().is_none());
  EXPECT_FALSE(alice->sees(base::ParticipantId{1}));
  EXPECT_TRUE(alice->sees(base::ParticipantId{2}));
  EXPECT_TRUE(directory_.find({"shanghai", "operator"})->sees(base::ParticipantId{2}));
}

TEST_F(DirectoryTest, FindsPeersByTheirNodeCertificateAlone) {
  directory_.load(snapshot_, base::Seqno{7});
  const auto peer = directory_.find({"hongkong", "node"});
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->peer(), base::NodeId{2});
  EXPECT_EQ(peer->roles(), wire::role::kPeer);
  EXPECT_TRUE(peer->participant().is_none());
  EXPECT_EQ(error_of("hongkong", "operator"), EdgeError::kIdentityForeign);
  EXPECT_EQ(error_of("singapore", "node"), EdgeError::kIdentityForeign);
  EXPECT_EQ(error_of("shanghai", "node"), EdgeError::kIdentityUnknown);
}

TEST_F(DirectoryTest, SeesWhoIsRegisteredAndSuspendedLater) {
  directory_.load(snapshot_, base::Seqno{7});
  EXPECT_EQ(error_of("shanghai", "bob"), EdgeError::kIdentityUnknown);
  tell_registered(directory_, 8, "bob", 3);
  EXPECT_EQ(directory_.find({"shanghai", "bob"})->participant(), base::ParticipantId{3});
  tell_suspended(directory_, 9, 3, true);
  EXPECT_EQ(error_of("shanghai", "bob"), EdgeError::kParticipantSuspended);
  tell_suspended(directory_, 10, 3, false);
  EXPECT_TRUE(directory_.find({"shanghai", "bob"}).has_value());

  wire::RegisterPeer record;
  ASSERT_TRUE(record.code.assign("singapore"));
  record.peer = base::NodeId{3};
  tell(directory_, 11, wire::CommandKind::kRegisterPeer, record, {});
  EXPECT_EQ(directory_.find({"singapore", "node"})->peer(), base::NodeId{3});
}

TEST_F(DirectoryTest, PassesOverWhatWasRefusedOrRepeated) {
  directory_.load(snapshot_, base::Seqno{7});
  tell_registered(directory_, 8, "bob", 0, {.code = machine::Code::kParticipantExists, .at = {}});
  EXPECT_EQ(error_of("shanghai", "bob"), EdgeError::kIdentityUnknown);
  tell_suspended(directory_, 9, 2, true);
  tell_registered(directory_, 10, "alice", 2, {.flags = wire::outcome_flag::kRepeated, .at = {}});
  EXPECT_EQ(error_of("shanghai", "alice"), EdgeError::kParticipantSuspended);
}

TEST_F(DirectoryTest, AppliesWhatBecameDurableBetweenTheReadAndTheLoad) {
  tell_suspended(directory_, 6, 2, true);    // before what was read: undone there since
  tell_registered(directory_, 8, "bob", 3);  // after it
  directory_.load(snapshot_, base::Seqno{7});
  EXPECT_TRUE(directory_.find({"shanghai", "alice"}).has_value());
  EXPECT_TRUE(directory_.find({"shanghai", "bob"}).has_value());
}

}  // namespace
}  // namespace hugang::edge
