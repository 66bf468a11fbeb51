#include "services/edge/plain_transfers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "clearing/base/amount.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::edge {
namespace {

constexpr std::size_t kRecordBytes = sizeof(wire::Transfer);
/// A transfer with every field set is below 160 bytes; what is longer is not plain.
constexpr std::size_t kTransferBytesMax = 256;

/// Key of a protocol buffer field: its number and how it lies in the bytes.
constexpr std::uint64_t varint_key(unsigned field) { return field << 3U; }
constexpr std::uint64_t bytes_key(unsigned field) { return (field << 3U) | 2U; }

/// Reads forward over bytes that lie in pieces. What fails leaves the place undefined.
class PieceReader {
 public:
  explicit PieceReader(const grpc::ByteBuffer& bytes)
      : left_{bytes.Dump(&pieces_).ok() ? bytes.Length() : 0} {}

  [[nodiscard]] std::size_t left() const { return left_; }

  bool read_varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_ == 0) return false;
      if (at_ == end_) next_piece();
      const std::uint8_t byte = *at_++;
      left_ -= 1;
      if (shift == 63 && byte > 1) return false;
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  /// The length of a field that follows, at most `most`.
  bool read_length(std::size_t most, std::size_t& length) {
    std::uint64_t value = 0;
    if (!read_varint(value) || value > std::min(most, left_)) return false;
    length = static_cast<std::size_t>(value);
    return true;
  }

  /// The next bytes in one piece, in `scratch` where they are not. Requires count <= left().
  template <std::size_t N>
  const std::uint8_t* take(std::size_t count, std::array<std::uint8_t, N>& scratch) {
    if (static_cast<std::size_t>(end_ - at_) >= count) {
      const std::uint8_t* taken = at_;
      at_ += count;
      left_ -= count;
      return taken;
    }
    std::uint8_t* out = scratch.data();
    take_pieces(count, [&out](const std::uint8_t* piece, std::size_t size) {
      std::memcpy(out, piece, size);
      out += size;
    });
    return scratch.data();
  }

  /// Appends the next bytes to `out`. Requires count <= left().
  void copy(std::size_t count, base::Bytes& out) {
    out.reserve(out.size() + count);
    take_pieces(count, [&out](const std::uint8_t* piece, std::size_t size) {
      const auto* begin = reinterpret_cast<const std::byte*>(piece);
      out.insert(out.end(), begin, begin + size);
    });
  }

 private:
  void next_piece() {
    while (at_ == end_) {
      at_ = pieces_[next_].begin();
      end_ = pieces_[next_].end();
      next_ += 1;
    }
  }

  template <class Use>
  void take_pieces(std::size_t count, Use use) {
    left_ -= count;
    while (count > 0) {
      if (at_ == end_) next_piece();
      const std::size_t size = std::min(count, static_cast<std::size_t>(end_ - at_));
      use(at_, size);
      at_ += size;
      count -= size;
    }
  }

  std::vector<grpc::Slice> pieces_;
  std::size_t next_ = 0;
  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  std::size_t left_;
};

/// 16 bytes, big-endian.
base::u128 read_big_endian(const std::uint8_t* bytes) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, bytes, sizeof high);
  std::memcpy(&low, bytes + sizeof high, sizeof low);
  static_assert(std::endian::native == std::endian::little);
  return base::make_u128(__builtin_bswap64(high), __builtin_bswap64(low));
}

/// The fields of one Transfer.
class TransferReader {
 public:
  TransferReader(const std::uint8_t* bytes, std::size_t size) : at_{bytes}, end_{bytes + size} {}

  /// False where it is not plain.
  bool read(wire::Transfer& transfer) {
    while (at_ != end_) {
      // Field numbers end at 14: a key is one byte.
      const std::uint8_t key = *at_++;
      const unsigned bit = 1U << (key >> 3U);
      if (key >= 0x80 || (seen_ & bit) != 0) return false;
      seen_ |= bit;
      if (!read_field(key, transfer)) return false;
    }
    transfer.flags = static_cast<std::uint16_t>(flags_);
    return (seen_ & (1U << kIdField)) != 0;
  }

 private:
  static constexpr unsigned kIdField = 1;

  bool read_field(std::uint8_t key, wire::Transfer& transfer) {
    std::uint64_t value = 0;
    switch (key) {
      case bytes_key(kIdField):
        return read_id(transfer.id);
      case bytes_key(2):
        return read_id(transfer.pending_id);
      case varint_key(3):
        if (!read_varint(value)) return false;
        transfer.debit = base::AccountNumber{value};
        return true;
      case varint_key(4):
        if (!read_varint(value)) return false;
        transfer.credit = base::AccountNumber{value};
        return true;
      case varint_key(5):
        if (!read_varint(value) || value > UINT32_MAX) return false;
        transfer.asset = base::AssetId{static_cast<std::uint32_t>(value)};
        return true;
      case varint_key(6):
        transfer.amount_minor = 0;
        if (!read_varint(value)) return false;
        transfer.amount_minor = static_cast<std::int64_t>(value);
        return base::Amount::from_minor(transfer.amount_minor).has_value();
      case varint_key(7):
        return read_time(transfer.expires_at);
      case varint_key(8):
        return read_time(transfer.value_date);
      case bytes_key(9):
        return read_reference(transfer.reference);
      case varint_key(10):
        if (!read_varint(value) || value > UINT16_MAX) return false;
        transfer.purpose = static_cast<std::uint16_t>(value);
        return true;
      case varint_key(11):
        return read_flag(wire::transfer_flag::kLinked);
      case varint_key(12):
        return read_phase();
      case varint_key(13):
        return read_flag(wire::transfer_flag::kBalancingDebit);
      case varint_key(14):
        return read_flag(wire::transfer_flag::kBalancingCredit);
      default:
        return false;
    }
  }

  bool read_varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const std::uint8_t byte = *at_++;
      if (shift == 63 && byte > 1) return false;
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  /// An Id with all its bytes: its length, the key of its value, the value's length, the value.
  bool read_id(base::CommandId& id) {
    constexpr std::array<std::uint8_t, 3> kFrame{18, bytes_key(1), 16};
    if (end_ - at_ < 19 || !std::equal(kFrame.begin(), kFrame.end(), at_)) return false;
    id = base::CommandId{read_big_endian(at_ + kFrame.size())};
    at_ += 19;
    return true;
  }

  bool read_reference(base::u128& reference) {
    if (end_ - at_ < 17 || *at_ != 16) return false;
    reference = read_big_endian(at_ + 1);
    at_ += 17;
    return true;
  }

  bool read_time(base::Timestamp& time) {
    std::uint64_t value = 0;
    if (!read_varint(value) || value > INT64_MAX) return false;
    time = base::Timestamp{static_cast<std::int64_t>(value)};
    return true;
  }

  bool read_flag(std::uint16_t flag) {
    std::uint64_t value = 0;
    if (!read_varint(value) || value > 1) return false;
    if (value == 1) flags_ |= flag;
    return true;
  }

  bool read_phase() {
    constexpr std::array<std::uint16_t, 4> kFlags{0, wire::transfer_flag::kHold,
                                                  wire::transfer_flag::kPostHold,
                                                  wire::transfer_flag::kVoidHold};
    std::uint64_t value = 0;
    if (!read_varint(value) || value >= kFlags.size()) return false;
    flags_ |= kFlags[static_cast<std::size_t>(value)];
    return true;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  unsigned seen_ = 0;
  unsigned flags_ = 0;
};

bool append_transfer(PieceReader& in, std::size_t length, Command& command) {
  std::array<std::uint8_t, kTransferBytesMax> scratch;
  const std::uint8_t* bytes = in.take(length, scratch);
  wire::Transfer transfer;
  if (!TransferReader{bytes, length}.read(transfer)) return false;
  const auto record = std::as_bytes(std::span{&transfer, 1});
  command.records.insert(command.records.end(), record.begin(), record.end());
  command.count += 1;
  return true;
}

/// Takes the packed records; they are all that the batch may hold.
bool take_packed(PieceReader& in, std::size_t size, Command& command) {
  if (size == 0 || size % kRecordBytes != 0 || command.count > 0) return false;
  if (size / kRecordBytes > machine::kTransfersPerBatchMax) return false;
  in.copy(size, command.records);
  command.count = static_cast<std::uint32_t>(size / kRecordBytes);
  return true;
}

/// Reads a SubmitBatchRequest of `size` bytes.
bool read_batch(PieceReader& in, std::size_t size, Command& command) {
  const std::size_t end = in.left() - size;
  bool is_packed = false;
  command.count = 0;
  while (in.left() > end) {
    std::uint64_t key = 0;
    std::size_t length = 0;
    if (!in.read_varint(key) || in.left() < end || is_packed) return false;
    if (!in.read_length(in.left() - end, length)) return false;
    if (in.left() < end || length > in.left() - end) return false;
    if (key == bytes_key(2)) {
      is_packed = true;
      if (!take_packed(in, length, command)) return false;
    } else if (key == bytes_key(1)) {
      if (length > kTransferBytesMax || command.count >= machine::kTransfersPerBatchMax) {
        return false;
      }
      if (command.count == 0) {  // transfers of a batch are alike
        const std::size_t likely = (in.left() - end) / (length + 2) + 1;
        command.records.reserve(std::min<std::size_t>(likely, machine::kTransfersPerBatchMax) *
                                kRecordBytes);
      }
      if (!append_transfer(in, length, command)) return false;
    } else {
      return false;
    }
  }
  return in.left() == end && command.count > 0;
}

Command no_transfers() {
  return Command{.kind = wire::CommandKind::kTransfer, .count = 0, .records = {}};
}

}  // namespace

std::optional<Command> read_plain_submit(const grpc::ByteBuffer& bytes) {
  PieceReader in{bytes};
  Command command = no_transfers();
  std::uint64_t key = 0;
  std::size_t length = 0;
  if (!in.read_varint(key) || key != bytes_key(1)) return std::nullopt;
  if (!in.read_length(kTransferBytesMax, length) || length != in.left()) return std::nullopt;
  command.records.reserve(kRecordBytes);
  if (!append_transfer(in, length, command)) return std::nullopt;
  return command;
}

std::optional<Command> read_plain_batch(const grpc::ByteBuffer& bytes) {
  PieceReader in{bytes};
  Command command = no_transfers();
  if (!read_batch(in, in.left(), command)) return std::nullopt;
  return command;
}

std::optional<PlainStreamRequest> read_plain_stream_request(const grpc::ByteBuffer& bytes) {
  PieceReader in{bytes};
  PlainStreamRequest request{.tag = 0, .command = no_transfers()};
  bool has_tag = false;
  while (in.left() > 0) {
    std::uint64_t key = 0;
    if (!in.read_varint(key)) return std::nullopt;
    if (key == varint_key(1) && !has_tag) {
      has_tag = true;
      if (!in.read_varint(request.tag)) return std::nullopt;
    } else if (key == bytes_key(2) && request.command.count == 0) {
      std::size_t length = 0;
      if (!in.read_length(in.left(), length)) return std::nullopt;
      if (!read_batch(in, length, request.command)) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (request.command.count == 0) return std::nullopt;
  return request;
}

}  // namespace hugang::edge
