// hugang-sim: runs universes from seeds; any failure is repeated by the command that it prints.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "tests/simulation/campaign.hpp"

namespace {

int run_one(const hugang::simulation::WorldOptions& options) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  const auto result = hugang::simulation::run_named(options);
  std::fputs(hugang::simulation::summary_of(result).c_str(), stdout);
  if (!result.broken_law) return 0;
  std::fputs(hugang::simulation::failure_of(options, result).c_str(), stdout);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Deterministic simulation of nodes that settle with each other while everything fails: one "
      "seed is one universe, the same every time"};
  hugang::simulation::CampaignOptions options;
  std::string seeds;
  auto* seed = app.add_option("--seed", options.world.seed, "run this universe");
  app.add_option("--seeds", seeds, "run all universes from A to B, given as A..B")->excludes(seed);
  app.add_option("--nodes", options.world.nodes,
                 "number of nodes; without it, or 0, the seed draws 2..4")
      ->check(CLI::IsMember({0, 2, 3, 4}));
  app.add_option("--minutes", options.world.minutes,
                 "virtual minutes until the faults stop; without it, or 0, the seed draws 1..20")
      ->check(CLI::Range(0, 100'000));
  app.add_option("--steps", options.world.steps, "operations of the clients in all")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--jobs", options.jobs, "threads of a campaign")->check(CLI::Range(1, 256));
  app.add_flag("--keep-going", options.keeps_going, "do not stop a campaign at the first failure");
  CLI11_PARSE(app, argc, argv);
  if (seeds.empty()) return run_one(options.world);
  const auto range = hugang::simulation::parse_seed_range(seeds);
  if (!range) {
    std::fprintf(stderr, "hugang-sim: --seeds takes A..B with A <= B, not '%s'\n", seeds.c_str());
    return 2;
  }
  options.seeds = *range;
  return hugang::simulation::run_campaign(options) == 0 ? 0 : 1;
}
