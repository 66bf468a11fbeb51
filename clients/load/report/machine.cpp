#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <thread>

#include "clients/load/report/run_record.hpp"

namespace hugang::report {
namespace {

/// The value of the first "key : value" line of a /proc file; empty without one.
std::string proc_value(const char* path, const std::string& key) {
  std::ifstream lines{path};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? std::string{} : line.substr(first);
  }
  return {};
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.cpu_model = proc_value("/proc/cpuinfo", "model name");
  machine.logical_cores = std::thread::hardware_concurrency();
  // "16318532 kB"
  const std::string memory = proc_value("/proc/meminfo", "MemTotal");
  std::uint64_t kibibytes = 0;
  for (const char c : memory) {
    if (c < '0' || c > '9') break;
    kibibytes = (kibibytes * 10) + static_cast<std::uint64_t>(c - '0');
  }
  machine.memory_bytes = kibibytes * 1024;
  utsname name{};
  if (uname(&name) == 0) machine.kernel = std::string{name.sysname} + " " + name.release;
  return machine;
}

}  // namespace hugang::report
