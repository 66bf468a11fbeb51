#include "clients/hugang/failure.hpp"

namespace hugang::program {

Failure to_failure(client::Error error) {
  Failure failure{.exit_code = exit_code_of(error.kind),
                  .code = std::move(error.reason),
                  .sentence = std::move(error.sentence)};
  if (!error.metadata.empty()) failure.details["metadata"] = error.metadata;
  return failure;
}

}  // namespace hugang::program
