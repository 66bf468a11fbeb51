// Every decoder on every file of its corpus, in an ordinary build: what a fuzzer once reached stays
// reached, and an input that once was a bug (regressions/) stays harmless. No libFuzzer in it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#define HG_FUZZ_TARGET(name) extern "C" int name##_fuzz(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef HG_FUZZ_TARGET

namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

const Target kTargets[] = {
#define HG_FUZZ_TARGET(name) Target{#name, name##_fuzz},
#include "fuzz_targets.inc"
#undef HG_FUZZ_TARGET
};

/// The file that a target is running on; said when a check of the target stops the process.
char current_file[4096];

void say_current_file(int signal) {
  (void)!write(STDERR_FILENO, current_file, std::strlen(current_file));
  (void)!write(STDERR_FILENO, "\n", 1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder)) {
    for (const auto& file : fs::directory_iterator{folder}) files.push_back(file.path());
  }
  std::ranges::sort(files);
  return files;
}

void run_file(const Target& target, const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  ASSERT_TRUE(in) << file;
  const std::vector<char> read{std::istreambuf_iterator<char>{in}, {}};
  const std::string named = file.string().substr(0, sizeof current_file - 1);
  std::memcpy(current_file, named.c_str(), named.size() + 1);
  // Of exactly this size, so that a sanitizer sees a read behind it.
  const auto* const data = reinterpret_cast<const std::uint8_t*>(read.data());
  EXPECT_EQ(target.run(data, read.size()), 0) << file;
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, IsTakenWithoutHarm) {
  std::signal(SIGABRT, say_current_file);
  const fs::path root = fs::path{HUGANG_SOURCE_DIR} / "tests" / "fuzz";
  const auto kept = files_of(root / "corpus" / GetParam().name);
  EXPECT_GE(kept.size(), 10U) << "the corpus is missing: see tests/fuzz/make_corpus.py";
  for (const fs::path& file : kept) run_file(GetParam(), file);
  for (const fs::path& file : files_of(root / "regressions" / GetParam().name)) {
    run_file(GetParam(), file);
  }
}

INSTANTIATE_TEST_SUITE_P(Decoders, Corpus, testing::ValuesIn(kTargets),
                         [](const auto& each) { return std::string{each.param.name}; });

}  // namespace
