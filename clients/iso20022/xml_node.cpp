#include "clients/iso20022/xml_node.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

namespace hugang::iso20022 {
namespace {

struct ParserDeleter {
  void operator()(xmlParserCtxt* context) const {
    // The document is handed over on success; what is left here belongs to nobody.
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    context->myDoc = nullptr;
    xmlFreeParserCtxt(context);
  }
};
using Parser = std::unique_ptr<xmlParserCtxt, ParserDeleter>;

ReadError whole_text_error(ReadErrorCode code, std::string sentence) {
  ReadError error;
  error.code = code;
  error.reason = "FF01";
  error.sentence = std::move(sentence);
  return error;
}

/// Called at "<!DOCTYPE name", before anything inside it is read.
void stop_at_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  parser->_private = parser;  // any non-null mark
  xmlStopParser(parser);
}

/// Cheap bounds on what a tree of this text can cost, before it is built.
bool is_affordable(std::string_view text) {
  std::size_t tags = 0;
  std::size_t equal_signs = 0;
  for (const char c : text) {
    if (c == '<') {
      if (++tags > kMaxTags) return false;
      equal_signs = 0;
    } else if (c == '=' && ++equal_signs > kMaxEqualSignsPerTag) {
      return false;
    }
  }
  return true;
}

/// Whether the tree is nested deeper than `limit`; walks without recursion.
bool is_deeper_than(const xmlNode* root, int limit) {
  int depth = 1;
  const xmlNode* node = root;
  while (node != nullptr) {
    if (const xmlNode* below = first_element(node); below != nullptr) {
      if (++depth > limit) return true;
      node = below;
      continue;
    }
    while (node != root && next_element(node) == nullptr) {
      node = node->parent;
      --depth;
    }
    if (node == root) return false;
    node = next_element(node);
  }
  return false;
}

std::string libxml_message(xmlParserCtxt* parser) {
  const xmlError* last = xmlCtxtGetLastError(parser);
  if (last == nullptr || last->message == nullptr) return "it is not well-formed";
  std::string message{trimmed(last->message)};
  std::ranges::replace(message, '\n', ' ');
  // libxml2 quotes names of any length; and a cut name need not be whole UTF-8.
  if (message.size() > 200 || !is_utf8(message)) return "it is not well-formed";
  return message;
}

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

void initialise_xml() {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = sequence_length(lead);
    if (length == 0 || length > text.size() - i) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) return false;
    }
    if (length > 2) {
      // Overlong forms, surrogates and what lies above U+10FFFF all show in the second byte.
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if (lead == 0xE0 && second < 0xA0) return false;
      if (lead == 0xED && second > 0x9F) return false;
      if (lead == 0xF0 && second < 0x90) return false;
      if (lead == 0xF4 && second > 0x8F) return false;
    }
    i += length;
  }
  return true;
}

std::expected<XmlDocument, ReadError> parse_xml(std::string_view text) {
  initialise_xml();
  if (text.size() > kMaxDocumentBytes) {
    return std::unexpected{whole_text_error(
        ReadErrorCode::kTooLarge, "the file is larger than 4 MiB: split it into several messages")};
  }
  if (text.contains('\0') || !is_utf8(text)) {
    return std::unexpected{
        whole_text_error(ReadErrorCode::kNotUtf8, "the file is not UTF-8 text: save it as UTF-8")};
  }
  if (!is_affordable(text)) {
    return std::unexpected{
        whole_text_error(ReadErrorCode::kTooLarge,
                         "the file has too many elements or attributes: split it into several")};
  }
  const Parser parser{xmlNewParserCtxt()};
  if (parser == nullptr) {
    return std::unexpected{whole_text_error(ReadErrorCode::kTooLarge, "out of memory")};
  }
  parser->sax->internalSubset = stop_at_doctype;
  parser->sax->externalSubset = nullptr;
  constexpr int kOptions =
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOXINCNODE;
  XmlDocument document{xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()),
                                         nullptr, nullptr, kOptions)};
  if (parser->_private != nullptr) {
    return std::unexpected{whole_text_error(
        ReadErrorCode::kHasDoctype, "the file carries a DOCTYPE: remove it, messages need none")};
  }
  if (document == nullptr || parser->wellFormed == 0 ||
      xmlDocGetRootElement(document.get()) == nullptr) {
    ReadError error = whole_text_error(ReadErrorCode::kNotXml,
                                       "the file is not XML: " + libxml_message(parser.get()));
    const xmlError* last = xmlCtxtGetLastError(parser.get());
    if (last != nullptr && last->line > 0) error.line = static_cast<std::uint32_t>(last->line);
    return std::unexpected{std::move(error)};
  }
  const std::string_view encoding = view(document->encoding);
  if (!encoding.empty() && xmlStrcasecmp(document->encoding, BAD_CAST "UTF-8") != 0) {
    return std::unexpected{whole_text_error(
        ReadErrorCode::kNotUtf8,
        "the file declares the encoding " + quoted(encoding) + ": save it as UTF-8")};
  }
  if (is_deeper_than(xmlDocGetRootElement(document.get()), kMaxDepth)) {
    return std::unexpected{
        whole_text_error(ReadErrorCode::kTooDeep, "the elements are nested deeper than 64 levels")};
  }
  return document;
}

const xmlNode* element_from(const xmlNode* node) {
  while (node != nullptr && node->type != XML_ELEMENT_NODE) node = node->next;
  return node;
}

const xmlNode* child(const xmlNode* parent, std::string_view name) {
  if (parent == nullptr) return nullptr;
  const xmlNode* node = first_element(parent);
  while (node != nullptr && name_of(node) != name) node = next_element(node);
  return node;
}

std::string text_of(const xmlNode* node) {
  std::string text;
  if (node == nullptr) return text;
  for (const xmlNode* part = node->children; part != nullptr; part = part->next) {
    if (part->type == XML_TEXT_NODE || part->type == XML_CDATA_SECTION_NODE) {
      text += view(part->content);
    }
  }
  return text;
}

std::string attribute_of(const xmlNode* node, std::string_view name) {
  for (const xmlAttr* attribute = node->properties; attribute != nullptr;
       attribute = attribute->next) {
    if (attribute->ns != nullptr || view(attribute->name) != name) continue;
    std::string text;
    for (const xmlNode* part = attribute->children; part != nullptr; part = part->next) {
      text += view(part->content);
    }
    return text;
  }
  return {};
}

std::string place_of(const xmlNode* node) {
  std::vector<std::string> steps;
  for (; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) {
    std::size_t index = 1;
    bool has_namesake = false;
    for (const xmlNode* other = node->prev; other != nullptr; other = other->prev) {
      if (other->type == XML_ELEMENT_NODE && name_of(other) == name_of(node)) ++index;
    }
    for (const xmlNode* other = node->next; other != nullptr && !has_namesake;
         other = other->next) {
      has_namesake = other->type == XML_ELEMENT_NODE && name_of(other) == name_of(node);
    }
    // A name from outside may be megabytes long.
    std::string step = name_of(node).size() <= 64 ? std::string{name_of(node)} : "...";
    if (index > 1 || has_namesake) step += "[" + std::to_string(index) + "]";
    steps.push_back(std::move(step));
  }
  std::string place;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) place += "/" + *step;
  return place;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    if (count == 40) {
      result += "...";
      break;
    }
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = std::max<std::size_t>(sequence_length(lead), 1);
    if (lead < 0x20 || lead == 0x7F) {
      result += '?';
    } else {
      result += text.substr(i, length);
    }
    i += length;
  }
  return result + "\"";
}

}  // namespace hugang::iso20022
