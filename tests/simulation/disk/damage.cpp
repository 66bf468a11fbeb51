#include "tests/simulation/disk/damage.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

namespace hugang::simulation {
namespace {

namespace fs = std::filesystem;

struct Kind {
  const char* name;
  std::uint32_t weight;
};
/// By the beginning or the end of a file's name.
constexpr Kind kKinds[] = {{".log", 50},   {".sst", 14},   {".blob", 6},    {"MANIFEST", 12},
                           {"CURRENT", 4}, {"OPTIONS", 2}, {"IDENTITY", 1}, {"durable", 8}};

bool is_of(const std::string& name, std::string_view kind) {
  return kind.front() == '.' ? name.ends_with(kind) : name.starts_with(kind);
}

std::vector<fs::path> files_of(const fs::path& directory, std::string_view kind) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator{directory}) {
    if (file.is_regular_file() && is_of(file.path().filename().string(), kind)) {
      files.push_back(file.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

fs::path draw_file(const fs::path& directory, Random& random) {
  std::uint64_t all = 0;
  for (const Kind& kind : kKinds) all += kind.weight;
  for (int i = 0; i < 20; ++i) {
    std::uint64_t drawn = random.below(all);
    const Kind* kind = kKinds;
    while (drawn >= kind->weight) drawn -= (kind++)->weight;
    const auto files = files_of(directory, kind->name);
    if (!files.empty()) return random.pick(files);
  }
  return {};
}

std::string read_whole(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// A place that holds something: logs and tables end in zeros now and then.
std::size_t draw_place(const std::string& bytes, Random& random) {
  std::size_t end = bytes.size();
  while (end > 1 && bytes[end - 1] == '\0') --end;
  // The newest bytes are the most interesting ones.
  if (random.chance(300)) return end - 1 - random.below(std::min<std::size_t>(end, 400));
  return random.below(end);
}

/// Where the whole records of a log begin that lie within one block; the last value is where what
/// could be followed ends.
std::vector<std::size_t> records_of(const std::string& log) {
  constexpr std::size_t kBlock = 32 * 1024;
  constexpr std::size_t kHead = 7;
  constexpr char kWhole = 1;
  std::vector<std::size_t> begins;
  std::size_t place = 0;
  while (place + kHead <= log.size()) {
    const std::size_t left = kBlock - place % kBlock;
    const std::size_t size = kHead + static_cast<unsigned char>(log[place + 4]) +
                             std::size_t{256} * static_cast<unsigned char>(log[place + 5]);
    if (left < kHead || log[place + 6] != kWhole || size > left) break;
    begins.push_back(place);
    place += size;
  }
  begins.push_back(std::min(place, log.size()));
  return begins;
}

/// A whole record stands once more at the end: a write that was led astray.
std::string double_record(std::string& log, Random& random) {
  const auto begins = records_of(log);
  if (begins.size() < 2 || begins.back() != log.size()) return "";
  const std::size_t which = random.below(begins.size() - 1);
  const std::string record = log.substr(begins[which], begins[which + 1] - begins[which]);
  if (log.size() / 32'768 != (log.size() + record.size()) / 32'768) return "";
  log += record;
  return "copied the record" + std::string{" at byte "} + std::to_string(begins[which]) +
         " to the end";
}

std::string at(std::size_t place) { return " at byte " + std::to_string(place); }

std::string change(std::string& bytes, Random& random, Damage& damage) {
  const std::size_t place = draw_place(bytes, random);
  switch (random.below(6)) {
    case 0:
    case 1:
      bytes[place] = static_cast<char>(bytes[place] ^ (1 << random.below(8)));
      return "flipped a bit" + at(place);
    case 2: {
      const std::size_t block = random.chance(500) ? 4096 : 512;
      const std::size_t begin = place / block * block;
      const std::size_t count = std::min(block, bytes.size() - begin);
      bytes.replace(begin, count, count, '\0');
      return "zeroed " + std::to_string(count) + " bytes" + at(begin);
    }
    case 3: {
      const std::size_t block = random.chance(500) ? 4096 : 512;
      const std::size_t to = place / block * block;
      const std::size_t from = random.below(bytes.size()) / block * block;
      const std::size_t count = std::min({block, bytes.size() - to, bytes.size() - from});
      bytes.replace(to, count, bytes.substr(from, count));
      return "copied " + std::to_string(count) + " bytes" + at(from) + " to" + at(to);
    }
    case 4:
      bytes.resize(place);
      damage.is_shortened = true;
      return "cut off" + at(place);
    default: {
      const std::size_t count = 1 + random.below(600);
      for (std::size_t i = 0; i < count; ++i) {
        bytes.push_back(static_cast<char>(random.next() & 0xFF));
      }
      return "appended " + std::to_string(count) + " bytes of noise";
    }
  }
}

}  // namespace

Damage damage_at_rest(const fs::path& directory, Random& random) {
  const fs::path file = draw_file(directory, random);
  if (file.empty()) return {};
  const std::string name = file.filename().string();
  std::string bytes = read_whole(file);
  if (bytes.empty() || random.chance(120)) {
    fs::remove(file);
    return {.sentence = "removed " + name, .file = file, .is_shortened = true};
  }
  const std::string before = bytes;
  Damage damage{.sentence = {}, .file = file};
  std::string what;
  if (file.extension() == ".log" && random.chance(80)) what = double_record(bytes, random);
  if (what.empty()) what = change(bytes, random, damage);
  if (bytes == before) return {};
  damage.end = std::max(bytes.size(), before.size());
  while (damage.end > 0 && damage.end <= std::min(bytes.size(), before.size()) &&
         bytes[damage.end - 1] == before[damage.end - 1]) {
    --damage.end;
  }
  damage.sentence = name + ": " + what + " of " + std::to_string(before.size());
  std::ofstream stream{file, std::ios::binary};
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  HG_CHECK(stream.flush().good());
  return damage;
}

}  // namespace hugang::simulation
