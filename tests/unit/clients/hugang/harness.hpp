// Runs the whole program in this process against a node of the tests.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "clients/hugang/program.hpp"
#include "clients/library/id.hpp"
#include "tests/unit/clients/library/fake_node.hpp"

namespace hugang::program {

inline constexpr const char* kOwn = "1000000000145";
inline constexpr const char* kOwnSecond = "1000000000242";
inline constexpr const char* kTheirs = "2000000000192";
inline constexpr const char* kTheirsSecond = "2000000000289";
inline constexpr const char* kSomeId = "5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f";

struct Ran {
  int code = -1;
  std::string out, err;
  [[nodiscard]] Json json() const { return Json::parse(out); }
};

/// A fake node with the three assets of the corridor, and the program in front of it.
class Harness {
 public:
  Harness() {
    node.accounts.on_ListAssets = [](const v1::ListAssetsRequest&, v1::ListAssetsResponse& answer) {
      add_asset(answer, 1, "CNY.D", 2);
      add_asset(answer, 2, "HKD", 2);
      add_asset(answer, 3, "XAU.G", 4);
      return grpc::Status::OK;
    };
  }

  Ran run(std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    Surroundings around{
        .out = out,
        .err = err,
        .connect = [this](const GlobalOptions&,
                          const std::string& profile) -> client::Result<client::Client> {
          constexpr client::RetryPolicy kQuick{.attempts_max = 2,
                                               .first_pause = std::chrono::milliseconds{1},
                                               .pause_max = std::chrono::milliseconds{1}};
          return client::Client::over(profile.empty() ? node.channel() : other.channel(), kQuick);
        },
        .now = [] { return base::Timestamp{1'767'605'400'000'000'000}; }};
    Ran ran;
    ran.code = program::run(arguments, around);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
  }

  client::FakeNode node;
  client::FakeNode other;

 private:
  static void add_asset(v1::ListAssetsResponse& answer, std::uint32_t id, const char* code,
                        std::uint32_t scale) {
    v1::Asset& asset = *answer.add_assets();
    asset.set_id(id);
    asset.set_code(code);
    asset.set_scale(scale);
  }
};

}  // namespace hugang::program
