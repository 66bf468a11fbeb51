// hugang-sim-mutants: the simulator with planted bugs, of which at most one is on.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>

#include "tests/mutants/catalogue.hpp"
#include "tests/mutants/switch.hpp"
#include "tests/simulation/engine/world.hpp"

namespace {

using hugang::mutants::Mutant;
using hugang::simulation::WorldOptions;
using hugang::simulation::WorldResult;

struct Range {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

bool parse_range(const std::string& text, Range& range) {
  char* end = nullptr;
  range.first = std::strtoull(text.c_str(), &end, 10);
  if (end == text.c_str() || std::string_view{end}.substr(0, 2) != "..") return false;
  const char* last = end + 2;
  range.last = std::strtoull(last, &end, 10);
  return end != last && *end == '\0' && range.first <= range.last;
}

void print_catalogue() {
  for (const Mutant& mutant : hugang::mutants::catalogue()) {
    std::printf("%s\t%u\t%s\n", mutant.name, mutant.within, mutant.bug);
  }
}

bool turn_on(const std::string& name) {
  const auto& all = hugang::mutants::catalogue();
  const bool is_known = std::ranges::any_of(all, [&](const Mutant& m) { return m.name == name; });
  if (is_known) hugang::mutants::active = hugang::mutants::Name::number_of(name.c_str());
  return is_known;
}

/// One line a seed before it runs, so that whoever reads knows the seed of a crash too. A seed that
/// takes longer than `seconds` of wall time makes no progress: the alarm ends the process.
int run_seeds(Range range, unsigned seconds, bool tells_events) {
  for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    ::alarm(seconds);
    WorldOptions options;
    options.seed = seed;
    const WorldResult result = run_world(options);
    if (!result.broken_law) continue;
    std::printf("law %s\n", result.broken_law->c_str());
    if (tells_events) std::printf("last events:\n%s", result.last_events.c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The simulator with one planted bug: proof that its laws can be broken"};
  std::string name;
  std::string seeds = "1..200";
  unsigned seconds = 20;
  bool lists = false;
  bool tells_events = false;
  app.add_flag("--list", lists, "print every mutant with its figure and what it does wrong");
  app.add_option("--mutant", name, "turn this one on; without it the product runs as it is");
  app.add_option("--seeds", seeds, "run all universes from A to B, given as A..B");
  app.add_option("--watchdog", seconds, "seconds of wall time that one seed may take");
  app.add_flag("--events", tells_events, "print the last events of the seed that failed");
  CLI11_PARSE(app, argc, argv);
  if (lists) {
    print_catalogue();
    return 0;
  }
  Range range;
  if (!parse_range(seeds, range)) {
    std::fprintf(stderr, "hugang-sim-mutants: --seeds takes A..B with A <= B\n");
    return 2;
  }
  if (!name.empty() && !turn_on(name)) {
    std::fprintf(stderr, "hugang-sim-mutants: no mutant '%s'; --list names them\n", name.c_str());
    return 2;
  }
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  return run_seeds(range, seconds, tells_events);
}
