// Tables of field faults: a well-formed request, one change to it, and what must be told.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "hugang/v1/types.pb.h"
#include "services/edge/command.hpp"

namespace hugang::edge {

template <class Request>
struct FieldFault {
  std::string field;
  EdgeError error;
  std::function<void(Request&)> spoil;
};

inline std::string metadata_of(const Failure& failure, const std::string& key) {
  for (const auto& [name, value] : failure.metadata) {
    if (name == key) return value;
  }
  return {};
}

/// Each fault alone must be told with its field; without any the request must convert.
template <class Request, class Convert>
void expect_faults(const Request& good, const std::vector<FieldFault<Request>>& faults,
                   Convert convert) {
  const auto unspoiled = convert(good);
  ASSERT_TRUE(unspoiled.has_value()) << sentence_of(unspoiled.error());
  for (const auto& fault : faults) {
    Request spoiled = good;
    fault.spoil(spoiled);
    const auto converted = convert(spoiled);
    ASSERT_FALSE(converted.has_value()) << fault.field;
    EXPECT_EQ(converted.error().error, fault.error) << fault.field;
    EXPECT_EQ(metadata_of(converted.error(), "field"), fault.field);
  }
}

/// 16 bytes that end with `last`.
inline std::string id_bytes(char last) {
  std::string bytes(15, '\x42');
  bytes.push_back(last);
  return bytes;
}
inline v1::Id id_message(char last) {
  v1::Id id;
  id.set_value(id_bytes(last));
  return id;
}
inline base::CommandId command_id(unsigned char last) {
  base::u128 value = 0;
  for (int i = 0; i < 15; ++i) value = (value << 8) | 0x42;
  return base::CommandId{(value << 8) | last};
}

}  // namespace hugang::edge
