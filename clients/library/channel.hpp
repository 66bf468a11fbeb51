// Mutual TLS from a profile. For the library, and for hugang-load, which encodes its calls itself.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "clients/library/error.hpp"
#include "clients/library/profile.hpp"

namespace hugang::client {

/// Reads the three PEM files; connects later, by itself. Error kConfiguration names the file.
[[nodiscard]] Result<std::shared_ptr<grpc::Channel>> open_channel(const Profile& profile);

}  // namespace hugang::client
