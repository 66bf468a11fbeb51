// hugang-sim-mutants: the simulator with planted bugs, of which at most one is on.
#include "tests/mutants/driver.hpp"
#include "tests/simulation/engine/world.hpp"

int main(int argc, char** argv) {
  const auto run_seed = [](std::uint64_t seed) {
    hugang::simulation::WorldOptions options;
    options.seed = seed;
    auto result = run_world(options);
    return hugang::mutants::Verdict{.broken_law = std::move(result.broken_law),
                                    .last_events = std::move(result.last_events)};
  };
  return hugang::mutants::run_hunt(
      {.program = "hugang-sim-mutants",
       .about = "The simulator with one planted bug: proof that its laws can be broken",
       .seeds = "1..200",
       .seconds = 20,
       .run_seed = run_seed},
      argc, argv);
}
