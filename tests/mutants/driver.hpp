// The command line of a program with planted bugs: which one is on, over which seeds it runs, and
// the lines that run.py reads.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "tests/mutants/catalogue.hpp"
#include "tests/mutants/switch.hpp"
#include "tests/simulation/seed_range.hpp"

namespace hugang::mutants {

/// What one seed came to.
struct Verdict {
  std::optional<std::string> broken_law;
  std::string last_events;  ///< for a person
};

struct Hunt {
  std::string program;
  std::string about;
  std::string seeds;     ///< A..B, where the command line names none
  unsigned seconds = 0;  ///< of wall time that one seed may take, likewise
  std::function<Verdict(std::uint64_t seed)> run_seed;
};

inline void print_catalogue() {
  for (const Mutant& mutant : catalogue()) {
    std::printf("%s\t%u\t%s\n", mutant.name, mutant.within, mutant.bug);
  }
}

inline bool turn_on(const std::string& name) {
  const bool is_known =
      std::ranges::any_of(catalogue(), [&](const Mutant& mutant) { return mutant.name == name; });
  if (is_known) active = Name::number_of(name.c_str());
  return is_known;
}

/// One line a seed before it runs, so that whoever reads knows the seed of a crash too. A seed that
/// takes longer than `seconds` of wall time makes no progress: the alarm ends the process.
inline int run_seeds(const Hunt& hunt, simulation::SeedRange range, unsigned seconds,
                     bool tells_events) {
  for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    ::alarm(seconds);
    const Verdict verdict = hunt.run_seed(seed);
    if (!verdict.broken_law) continue;
    std::printf("law %s\n", verdict.broken_law->c_str());
    if (tells_events) std::printf("last events:\n%s", verdict.last_events.c_str());
    return 1;
  }
  return 0;
}

/// The whole of main. The exit code is 1 when a law was broken, 2 when the command line is wrong.
inline int run_hunt(const Hunt& hunt, int argc, char** argv) {
  CLI::App app{hunt.about};
  std::string name;
  std::string seeds = hunt.seeds;
  unsigned seconds = hunt.seconds;
  bool lists = false;
  bool tells_events = false;
  app.add_flag("--list", lists, "print every mutant with its figure and what it does wrong");
  app.add_option("--mutant", name, "turn this one on; without it the product runs as it is");
  app.add_option("--seeds", seeds, "run all seeds from A to B, given as A..B");
  app.add_option("--watchdog", seconds, "seconds of wall time that one seed may take");
  app.add_flag("--events", tells_events, "print the last events of the seed that failed");
  CLI11_PARSE(app, argc, argv);
  if (lists) {
    print_catalogue();
    return 0;
  }
  const auto range = simulation::parse_seed_range(seeds);
  if (!range) {
    std::fprintf(stderr, "%s: --seeds takes A..B with A <= B\n", hunt.program.c_str());
    return 2;
  }
  if (!name.empty() && !turn_on(name)) {
    std::fprintf(stderr, "%s: no mutant '%s'; --list names them\n", hunt.program.c_str(),
                 name.c_str());
    return 2;
  }
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  return run_seeds(hunt, *range, seconds, tells_events);
}

}  // namespace hugang::mutants
