// hugang-disk-mutants: the journal on a failing disk with planted bugs, of which at most one is on.
#include "tests/mutants/driver.hpp"
#include "tests/simulation/disk/story.hpp"

int main(int argc, char** argv) {
  const auto run_seed = [](std::uint64_t seed) {
    hugang::simulation::StoryOptions options;
    options.folder = hugang::simulation::default_story_folder();
    options.seed = seed;
    auto result = run_story(options);
    return hugang::mutants::Verdict{.broken_law = std::move(result.broken_law),
                                    .last_events = std::move(result.last_operations)};
  };
  return hugang::mutants::run_hunt(
      {.program = "hugang-disk-mutants",
       .about =
           "The journal on a failing disk with one planted bug: proof that a law can be broken",
       .seeds = "1..100",
       .seconds = 60,
       .run_seed = run_seed},
      argc, argv);
}
