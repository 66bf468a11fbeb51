#include "tests/simulation/disk/story.hpp"

#include <unistd.h>

#include <cstdio>

#include "tests/simulation/disk/teller.hpp"

namespace hugang::simulation {

namespace fs = std::filesystem;

void StoryCounts::add(const StoryCounts& other) {
  operations += other.operations;
  entries += other.entries;
  appends += other.appends;
  checkpoints += other.checkpoints;
  openings += other.openings;
  deaths += other.deaths;
  power_cuts += other.power_cuts;
  failures += other.failures;
  damages += other.damages;
  refused += other.refused;
  harmless += other.harmless;
  tolerated += other.tolerated;
}

fs::path default_story_folder() {
  const fs::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

StoryResult run_story(const StoryOptions& options) {
  std::string name = (options.folder / "hugang-disk-XXXXXX").string();
  HG_CHECK(::mkdtemp(name.data()) != nullptr);
  const fs::path root = name;
  StoryResult result;
  {
    Teller teller{options, root};
    result = teller.tell();
  }
  std::error_code ignored;
  fs::remove_all(root, ignored);
  return result;
}

}  // namespace hugang::simulation
