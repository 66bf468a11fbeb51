#include "ledger/chain.hpp"

namespace hugang::ledger {
namespace {

LedgerError refused(Seqno seqno, EntryError error) {
  if (error == EntryError::kFormatNewer) {
    return {.code = LedgerError::Code::kNewerFormat,
            .sentence = "entry " + std::to_string(seqno.value()) +
                        " was written by a newer version of hugang: upgrade this program",
            .entry = seqno};
  }
  return damaged_entry(seqno, to_text(error));
}

}  // namespace

LedgerError damaged_entry(Seqno seqno, std::string_view what) {
  return {.code = LedgerError::Code::kDamaged,
          .sentence = "entry " + std::to_string(seqno.value()) +
                      " is damaged: " + std::string{what} +
                      ". Keep this directory as it is, run hugang-audit verify on a copy, and "
                      "restore the ledger from a backup",
          .entry = seqno};
}

std::expected<EntryView, LedgerError> check_entry(const EntryPlace& place, ByteSpan bytes) {
  auto view = decode_entry(bytes);
  if (!view) return std::unexpected{refused(place.seqno, view.error())};
  const EntryHead& head = view->head;
  if (head.seqno != place.seqno) {
    return std::unexpected{damaged_entry(
        place.seqno,
        "another entry, number " + std::to_string(head.seqno.value()) + ", stands in its place")};
  }
  if (head.node != place.node) {
    return std::unexpected{
        damaged_entry(place.seqno, "it belongs to node " + std::to_string(head.node.value()) +
                                       ", not to node " + std::to_string(place.node.value()))};
  }
  if (place.previous && head.previous != *place.previous) {
    return std::unexpected{damaged_entry(
        place.seqno, "it does not continue the entry before it (the chain of checksums breaks)")};
  }
  return *view;
}

}  // namespace hugang::ledger
