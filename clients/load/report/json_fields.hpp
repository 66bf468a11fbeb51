// Members of a JSON object that came from outside, one by one: the first that is missing, of the
// wrong type or out of range is remembered with its place, and all later ones are read as nothing.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hugang::report {

/// The first complaint about one document. Empty: none so far.
struct Complaint {
  std::string sentence;
};

class JsonFields {
 public:
  /// `value` and `complaint` must outlive this.
  JsonFields(const nlohmann::json& value, std::string path, Complaint& complaint);

  [[nodiscard]] std::string text(const char* name, std::size_t bytes_max = 65'536) const;
  /// A whole number in 0..max.
  [[nodiscard]] std::uint64_t whole(const char* name, std::uint64_t max) const;
  /// A finite number in 0..max.
  [[nodiscard]] double number(const char* name, double max) const;
  [[nodiscard]] bool flag(const char* name) const;
  [[nodiscard]] JsonFields object(const char* name) const;
  /// At most `items_max` objects.
  [[nodiscard]] std::vector<JsonFields> objects(const char* name, std::size_t items_max) const;
  /// At most `items_max` whole numbers in 0..max.
  [[nodiscard]] std::vector<std::uint64_t> wholes(const char* name, std::size_t items_max,
                                                  std::uint64_t max) const;
  /// The members of an object of whole numbers in 0..max, ascending by name.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> tallies(const char* name,
                                                                           std::size_t items_max,
                                                                           std::uint64_t max) const;

  /// Complains about member `name` ("" for the object itself), unless something was complained of.
  void complain(std::string_view name, std::string_view what) const;
  [[nodiscard]] bool is_good() const { return complaint_->sentence.empty(); }

 private:
  [[nodiscard]] const nlohmann::json* find(const char* name) const;

  const nlohmann::json* value_;
  std::string path_;
  Complaint* complaint_;
};

}  // namespace hugang::report
