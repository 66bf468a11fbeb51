// Private keys in files: PrivateKey::load_pem_file and save_pem_file.
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "crypto/keys.hpp"

namespace hugang::crypto {
namespace {

using Code = KeyError::Code;

constexpr ::mode_t kOthersMode = 0077;

std::unexpected<KeyError> refuse(Code code, std::string sentence) {
  return std::unexpected{KeyError{.code = code, .sentence = std::move(sentence)}};
}

std::string because(int error_number) {
  return ": " + std::generic_category().message(error_number);
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) noexcept : fd_{fd} {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

/// Text that is wiped before its memory is given back.
struct SecretText {
  std::string text;
  SecretText() = default;
  explicit SecretText(std::string secret) noexcept : text{std::move(secret)} {}
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { OPENSSL_cleanse(text.data(), text.size()); }
};

/// 0, or the errno of the call that failed.
int read_all(int fd, std::string& text) {
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ::ssize_t got = ::read(fd, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return 0;
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return ::fsync(fd) == 0 ? 0 : errno;
}

}  // namespace

std::expected<PrivateKey, KeyError> PrivateKey::load_pem_file(const std::filesystem::path& path) {
  // Not to hang on a pipe: O_NONBLOCK has no effect on a regular file.
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file.is_open()) {
    return refuse(Code::kFileUnreadable,
                  "cannot open the private key file " + path.string() + because(errno));
  }
  // Asked of the open file, not of the path, which could name another file a moment later.
  struct ::stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return refuse(Code::kFileUnreadable,
                  "cannot look at the private key file " + path.string() + because(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return refuse(Code::kFileUnreadable, path.string() + " is not a regular file");
  }
  if ((status.st_mode & kOthersMode) != 0) {
    return refuse(Code::kFilePermissions, "others than its owner may open the private key file " +
                                              path.string() + ": run chmod 600 " + path.string());
  }
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > kPemBytesMax) {
    return refuse(Code::kMalformed, path.string() + " is too large for a private key");
  }
  SecretText secret{std::string(static_cast<std::size_t>(status.st_size), '\0')};
  if (const int error_number = read_all(file.get(), secret.text); error_number != 0) {
    return refuse(Code::kFileUnreadable,
                  "cannot read the private key file " + path.string() + because(error_number));
  }
  auto key = from_pem(secret.text);
  if (!key) return refuse(key.error().code, path.string() + ": " + key.error().sentence);
  return key;
}

std::expected<void, KeyError> PrivateKey::save_pem_file(const std::filesystem::path& path) const {
  const FileDescriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.is_open()) {
    return refuse(Code::kFileUnreadable,
                  "cannot create the private key file " + path.string() + because(errno));
  }
  const SecretText secret{to_pem()};
  if (const int error_number = write_all(file.get(), secret.text); error_number != 0) {
    ::unlink(path.c_str());
    return refuse(Code::kFileUnreadable,
                  "cannot write the private key file " + path.string() + because(error_number));
  }
  return {};
}

}  // namespace hugang::crypto
