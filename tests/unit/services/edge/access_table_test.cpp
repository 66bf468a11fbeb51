#include "services/edge/access_table.hpp"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "access_scenario.hpp"
#include "hugang/v1/account_service.pb.h"
#include "hugang/v1/admin_service.pb.h"
#include "hugang/v1/peer_service.pb.h"
#include "hugang/v1/position_service.pb.h"
#include "hugang/v1/settlement_service.pb.h"
#include "hugang/v1/transfer_service.pb.h"

namespace hugang::edge {
namespace {

/// Every method that the files of the contract declare, as a path.
std::set<std::string> paths_of_the_contract() {
  // Naming a message of each file makes its descriptor known to the pool.
  v1::SubmitRequest::descriptor();
  v1::GetAccountRequest::descriptor();
  v1::InstructRequest::descriptor();
  v1::ReconcileRequest::descriptor();
  v1::SetRulesRequest::descriptor();
  v1::LinkRequest::descriptor();
  std::set<std::string> paths;
  for (const auto& file :
       std::filesystem::directory_iterator{HUGANG_SOURCE_DIR "/proto/hugang/v1"}) {
    const std::string name = "hugang/v1/" + file.path().filename().string();
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(descriptor, nullptr) << name << " is not linked: name a message of it above";
    for (int s = 0; descriptor != nullptr && s < descriptor->service_count(); ++s) {
      const auto* service = descriptor->service(s);
      for (int m = 0; m < service->method_count(); ++m) {
        paths.insert("/" + service->full_name() + "/" + service->method(m)->name());
      }
    }
  }
  return paths;
}

TEST(AccessTable, HasARowForEveryMethodOfTheContract) {
  const auto paths = paths_of_the_contract();
  EXPECT_EQ(paths.size(), 31u);
  for (const std::string& path : paths) {
    EXPECT_TRUE(method_of_path(path).has_value()) << path << " has no row";
  }
}

TEST(AccessTable, HasNoRowForAMethodThatIsNotThere) {
  const auto paths = paths_of_the_contract();
  for (const AccessRow& row : kAccessTable) {
    const bool is_ours = row.path.starts_with("/hugang.");
    EXPECT_TRUE(!is_ours || paths.contains(std::string{row.path})) << row.path;
  }
}

TEST(AccessTable, SaysWhatTheScenarioSaysCellByCell) {
  const auto scenario = read_access_scenario();
  EXPECT_EQ(scenario.size(), kAccessTable.size());
  for (const AccessRow& row : kAccessTable) {
    const auto expected = scenario.find(std::string{row.path});
    ASSERT_NE(expected, scenario.end()) << row.path << " is not in access.txt";
    for (const RoleColumn& column : role_columns()) {
      EXPECT_EQ(is_permitted(row.method, column.bit), (expected->second & column.bit) != 0)
          << row.path << " " << column.name;
    }
  }
}

TEST(AccessTable, AddsUpTheRolesOfOneCaller) {
  const auto both = wire::role::kParticipant | wire::role::kMonitor;
  EXPECT_TRUE(is_permitted(Method::kSubmit, both));
  EXPECT_TRUE(is_permitted(Method::kGetNodeStatus, both));
  EXPECT_FALSE(is_permitted(Method::kSetRules, both));
  EXPECT_FALSE(is_permitted(Method::kHealthCheck, 0));
}

TEST(AccessTable, FindsMethodsByTheirExactPathAlone) {
  EXPECT_EQ(method_of_path("/hugang.v1.TransferService/Submit"), Method::kSubmit);
  for (const char* path :
       {"", "/", "hugang.v1.TransferService/Submit", "/hugang.v1.TransferService/submit",
        "/hugang.v1.TransferService/Submit/", "/hugang.v2.TransferService/Submit"}) {
    EXPECT_FALSE(method_of_path(path).has_value()) << path;
  }
}

}  // namespace
}  // namespace hugang::edge
