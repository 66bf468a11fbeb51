#include "clients/iso20022/validator.hpp"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <utility>

#include "clients/iso20022/xml_node.hpp"

namespace hugang::iso20022 {
namespace {

struct SchemaDeleter {
  void operator()(xmlSchema* schema) const { xmlSchemaFree(schema); }
};
using Schema = std::unique_ptr<xmlSchema, SchemaDeleter>;

struct SchemaParserDeleter {
  void operator()(xmlSchemaParserCtxt* context) const { xmlSchemaFreeParserCtxt(context); }
};

struct SchemaValidDeleter {
  void operator()(xmlSchemaValidCtxt* context) const { xmlSchemaFreeValidCtxt(context); }
};

void keep_silent(void* /*context*/, xmlError* /*error*/) {}

/// Keeps the first error of a validation: later ones often follow from it.
struct FirstError {
  std::string sentence;
  std::uint32_t line{0};
  std::string place;
};

void keep_first(void* context, xmlError* error) {
  auto* first = static_cast<FirstError*>(context);
  if (!first->sentence.empty()) return;
  std::string message{trimmed(error->message == nullptr ? "" : error->message)};
  std::ranges::replace(message, '\n', ' ');
  if (message.size() > 300) message.resize(300);
  // The cut may fall inside a character, and libxml2 may have cut already.
  while (!message.empty() && !is_utf8(message)) message.pop_back();
  first->sentence = message.empty() ? "it breaks the schema" : message;
  first->line = error->line > 0 ? static_cast<std::uint32_t>(error->line) : 0;
  if (error->node != nullptr) first->place = place_of(static_cast<const xmlNode*>(error->node));
}

ReadError schema_error(std::string sentence) {
  ReadError error;
  error.code = ReadErrorCode::kUnsupportedMessage;
  error.reason = "FF01";
  error.sentence = std::move(sentence);
  return error;
}

/// The schema text as a document, read with the same caution as a message: schemas that include
/// others by URL, or carry a DOCTYPE, are not used.
Schema load_schema(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return nullptr;
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto document = parse_xml(text);
  if (!document) return nullptr;
  for (const xmlNode* node = first_element(xmlDocGetRootElement(document->get())); node != nullptr;
       node = next_element(node)) {
    const std::string_view name = name_of(node);
    if (name == "include" || name == "import" || name == "redefine") return nullptr;
  }
  const std::unique_ptr<xmlSchemaParserCtxt, SchemaParserDeleter> parser{
      xmlSchemaNewDocParserCtxt(document->get())};
  if (parser == nullptr) return nullptr;
  xmlSchemaSetParserStructuredErrors(parser.get(), keep_silent, nullptr);
  return Schema{xmlSchemaParse(parser.get())};
}

bool is_plain_name(std::string_view message) {
  return !message.empty() && std::ranges::all_of(message, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
  });
}

}  // namespace

struct Validator::Schemas {
  std::string directory;
  std::map<std::string, Schema, std::less<>> loaded;

  xmlSchema* find(std::string_view message) {
    if (const auto found = loaded.find(message); found != loaded.end()) return found->second.get();
    if (!is_plain_name(message)) return nullptr;
    const std::string name{message};
    return loaded.emplace(name, load_schema(directory + "/" + name + ".xsd")).first->second.get();
  }
};

Validator::Validator(std::string directory) : schemas_{std::make_unique<Schemas>()} {
  initialise_xml();
  schemas_->directory = std::move(directory);
}
Validator::~Validator() = default;
Validator::Validator(Validator&&) noexcept = default;
Validator& Validator::operator=(Validator&&) noexcept = default;

bool Validator::has_schema(std::string_view message) const {
  return schemas_->find(message) != nullptr;
}

std::optional<ReadError> Validator::check(const _xmlNode* element, std::string_view message) const {
  xmlSchema* schema = schemas_->find(message);
  if (schema == nullptr) {
    return schema_error("the folder " + quoted(schemas_->directory) + " has no usable schema " +
                        std::string{message} + ".xsd: put it there or leave --schemas out");
  }
  const std::unique_ptr<xmlSchemaValidCtxt, SchemaValidDeleter> context{
      xmlSchemaNewValidCtxt(schema)};
  if (context == nullptr) return schema_error("out of memory");
  FirstError first;
  xmlSchemaSetValidStructuredErrors(context.get(), keep_first, &first);
  // The function's signature is older than const; it leaves the tree as it is unless it is told to
  // fill in defaults.
  const int result = xmlSchemaValidateOneElement(context.get(), const_cast<xmlNode*>(element));
  if (result == 0) return std::nullopt;
  ReadError error;
  error.code = ReadErrorCode::kBadValue;
  error.reason = "FF01";
  error.place = first.place.empty() ? place_of(element) : first.place;
  error.line = first.line;
  error.sentence = first.sentence.empty() ? "it breaks the schema" : first.sentence;
  return error;
}

std::optional<ReadError> Validator::check_text(std::string_view xml,
                                               std::string_view message) const {
  const auto document = parse_xml(xml);
  if (!document) return document.error();
  return check(xmlDocGetRootElement(document->get()), message);
}

}  // namespace hugang::iso20022
