// hugangd: one node of the clearing system. Reads the command line and the configuration; all else
// is in node_process.
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "services/node/crash_points.hpp"
#include "services/runtime/config.hpp"
#include "services/runtime/exit_code.hpp"
#include "services/runtime/library_logs.hpp"
#include "services/runtime/logging.hpp"
#include "services/runtime/node_process.hpp"
#include "services/runtime/stop_signal.hpp"
#include "services/tls/tls_files.hpp"

namespace hugang::runtime {
namespace {

struct Arguments {
  std::string config;
  bool check_config = false;
  bool test_hooks = false;
};

ExitCode arm_test_hooks() {
  const char* const wish = std::getenv("HUGANG_CRASH_AT");
  if (wish == nullptr || *wish == '\0') return ExitCode::kOk;
  if (const auto armed = node::arm_crash_point(wish); !armed) {
    std::cerr << "hugangd: HUGANG_CRASH_AT: " << armed.error() << '\n';
    return ExitCode::kUsage;
  }
  spdlog::warn("test hooks: the process will be killed at {}", wish);
  return ExitCode::kOk;
}

ExitCode check(const Config& config) {
  const auto files = load_configured_files(config, node::SystemClock{}.now());
  if (!files) {
    std::cerr << "hugangd: " << files.error() << '\n';
    return ExitCode::kBadConfig;
  }
  std::cout << config.file.string() << ": good, node " << config.node.id.value() << " ("
            << config.node.code << ") with " << config.peers.size() << " peers\n";
  return ExitCode::kOk;
}

ExitCode run(const Arguments& arguments) {
  const auto config = load_config(arguments.config);
  if (!config) {
    for (const auto& sentence : config.error()) std::cerr << "hugangd: " << sentence << '\n';
    return ExitCode::kBadConfig;
  }
  if (arguments.check_config) return check(*config);
  set_up_logging(config->log);
  route_library_logs();
  quiet_library_checks();
  if (arguments.test_hooks) {
    if (const auto code = arm_test_hooks(); code != ExitCode::kOk) return code;
  }
  take_stop_signals();
  return NodeProcess{*config, HUGANG_VERSION}.run();
}

ExitCode main_with(int argc, char** argv) {
  CLI::App app{"hugangd: a node of the Hugang clearing system", "hugangd"};
  Arguments arguments;
  app.add_option("--config", arguments.config, "The node's configuration file (TOML)")->required();
  app.add_flag("--check-config", arguments.check_config,
               "Check the configuration and the files that it names, and stop");
  app.add_flag("--test-hooks", arguments.test_hooks,
               "For tests only: let HUGANG_CRASH_AT=POINT[@KIND][:N] kill the process");
  app.set_version_flag("--version", "hugangd " HUGANG_VERSION);
  app.footer(
      "Exit codes: 0 stopped, 64 usage, 65 configuration, 70 internal, 73 ledger in use or "
      "damaged, 74 disk.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  }
  return run(arguments);
}

}  // namespace
}  // namespace hugang::runtime

int main(int argc, char** argv) {
  using hugang::runtime::ExitCode;
  hugang::tls::allow_only_tls13();
  try {
    return static_cast<int>(hugang::runtime::main_with(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "hugangd: internal error: " << error.what() << '\n';
    return static_cast<int>(ExitCode::kInternal);
  }
}
