// Reading access to a libxml2 tree, and the one safe way to make it. For this folder only: no other
// code sees libxml2.
#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "clients/iso20022/read_error.hpp"

namespace hugang::iso20022 {

inline constexpr std::size_t kMaxDocumentBytes = 4UL * 1024 * 1024;
inline constexpr int kMaxDepth = 64;
/// Bounds the tree to some 100 MB whatever the text: a "<" makes at most one node and one text.
inline constexpr std::size_t kMaxTags = 500'000;
/// libxml2 compares each attribute with each other one of its element, so their number is bounded.
inline constexpr std::size_t kMaxEqualSignsPerTag = 1'000;

struct XmlDocumentDeleter {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using XmlDocument = std::unique_ptr<xmlDoc, XmlDocumentDeleter>;

/// Parses UTF-8 text with no network, no DTD, no entities, no recovery from errors. Errors:
/// kTooLarge, kNotUtf8, kHasDoctype, kNotXml, kTooDeep. Any thread.
[[nodiscard]] std::expected<XmlDocument, ReadError> parse_xml(std::string_view text);

/// Prepares libxml2; safe to call often and from any thread.
void initialise_xml();

[[nodiscard]] bool is_utf8(std::string_view text);

[[nodiscard]] inline std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}
[[nodiscard]] inline std::string_view name_of(const xmlNode* node) { return view(node->name); }
[[nodiscard]] inline std::string_view namespace_of(const xmlNode* node) {
  return node->ns == nullptr ? std::string_view{} : view(node->ns->href);
}

/// The next node that is an element, from `node` on; null at the end.
[[nodiscard]] const xmlNode* element_from(const xmlNode* node);
[[nodiscard]] inline const xmlNode* first_element(const xmlNode* parent) {
  return element_from(parent->children);
}
[[nodiscard]] inline const xmlNode* next_element(const xmlNode* node) {
  return element_from(node->next);
}

/// The first child element with this local name, or null; null for a null parent.
[[nodiscard]] const xmlNode* child(const xmlNode* parent, std::string_view name);

/// Character data directly below the node; "" for null.
[[nodiscard]] std::string text_of(const xmlNode* node);

/// Value of an attribute that has no namespace; "" when absent.
[[nodiscard]] std::string attribute_of(const xmlNode* node, std::string_view name);

/// "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]", the index only where siblings share the name.
[[nodiscard]] std::string place_of(const xmlNode* node);

/// Without leading and trailing XML white space.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// At most 40 code points of it in quotes, control characters shown as "?".
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace hugang::iso20022
