// hugang-disk-sim: the journal on a disk that fails, dies, forgets and rots, by seeds.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/simulation/disk/story.hpp"
#include "tests/simulation/seed_range.hpp"

namespace {

using hugang::simulation::run_story;
using hugang::simulation::SeedRange;
using hugang::simulation::StoryCounts;
using hugang::simulation::StoryOptions;
using hugang::simulation::StoryResult;
using Count = unsigned long long;

/// For a failed internal check, which ends the process: says which seed it was.
char current_command[160] = "";

void on_abort(int) {
  const auto ignored = ::write(STDERR_FILENO, current_command, std::strlen(current_command));
  (void)ignored;
}

std::string command_of(const StoryOptions& options) {
  return "hugang-disk-sim --seed " + std::to_string(options.seed) + " --steps " +
         std::to_string(options.steps);
}

StoryResult run(const StoryOptions& options) {
  std::snprintf(current_command, sizeof current_command, "repeat with: %s\n",
                command_of(options).c_str());
  return run_story(options);
}

void print_failure(const StoryOptions& options, const StoryResult& result) {
  std::printf("seed %llu: LAW BROKEN: %s\nthe last operations on the files:\n%srepeat with: %s\n",
              Count{options.seed}, result.broken_law->c_str(), result.last_operations.c_str(),
              command_of(options).c_str());
}

void print_counts(const StoryCounts& counts) {
  std::printf(
      "%llu file operations, %llu entries in %llu appends, %llu checkpoints, %llu openings, "
      "%llu deaths (%llu power cuts), %llu failed calls, %llu damages at rest "
      "(%llu refused, %llu harmless, %llu cut within the law)",
      Count{counts.operations}, Count{counts.entries}, Count{counts.appends},
      Count{counts.checkpoints}, Count{counts.openings}, Count{counts.deaths},
      Count{counts.power_cuts}, Count{counts.failures}, Count{counts.damages},
      Count{counts.refused}, Count{counts.harmless}, Count{counts.tolerated});
}

int run_one(const StoryOptions& options) {
  std::printf("seed %llu\n", Count{options.seed});
  std::fflush(stdout);
  const StoryResult result = run(options);
  print_counts(result.counts);
  std::printf(", hash %016llx\n", Count{result.hash});
  if (!result.broken_law) return 0;
  print_failure(options, result);
  return 1;
}

int run_campaign(StoryOptions options, SeedRange range, bool keeps_going) {
  const auto begin = std::chrono::steady_clock::now();
  StoryCounts all;
  Count failed = 0, done = 0;
  for (options.seed = range.first; options.seed <= range.last; ++options.seed) {
    const StoryResult result = run(options);
    ++done;
    all.add(result.counts);
    if (result.broken_law) {
      ++failed;
      print_failure(options, result);
      std::fflush(stdout);
      if (!keeps_going) break;
    }
    if (::isatty(STDERR_FILENO) != 0) {
      std::fprintf(stderr, "\rseed %llu of %llu..%llu, %llu failed", Count{options.seed},
                   Count{range.first}, Count{range.last}, failed);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%llu seeds in %.1f s, %llu failed: ", done, took.count(), failed);
  print_counts(all);
  std::printf("\n");
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Fault injection under the journal: seeded deaths, power cuts, failing writes, rot"};
  StoryOptions options;
  options.folder = hugang::simulation::default_story_folder();
  std::string seeds;
  bool keeps_going = false;
  auto* seed = app.add_option("--seed", options.seed, "tell this story");
  app.add_option("--seeds", seeds, "tell all stories from A to B, given as A..B")->excludes(seed);
  app.add_option("--steps", options.steps, "appends, checkpoints and restarts in a story")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--folder", options.folder, "where the files lie (default: in memory)")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--show", options.shows_everything, "print every operation as it happens");
  app.add_flag("--keep-going", keeps_going, "do not stop a campaign at the first failure");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGABRT, on_abort);
  if (seeds.empty()) return run_one(options);
  const auto range = hugang::simulation::parse_seed_range(seeds);
  if (!range) {
    std::fprintf(stderr, "hugang-disk-sim: --seeds takes A..B with A <= B, not '%s'\n",
                 seeds.c_str());
    return 2;
  }
  return run_campaign(options, *range, keeps_going);
}
