// Writing elements of ISO 20022 with the checks that keep a document valid. For this folder only.
#pragma once

#include <libxml/xmlwriter.h>

#include <expected>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clients/iso20022/message.hpp"
#include "clients/iso20022/writer.hpp"

namespace hugang::iso20022 {

/// Remembers the first error and goes on; `finish` returns the text or that error.
class XmlWriter {
 public:
  /// Begins the text with this root element in this namespace.
  XmlWriter(const char* root, const std::string& name_space);

  void start(const char* name);
  void end();

  /// Closes its element when it goes out of scope.
  class Scope {
   public:
    Scope(XmlWriter& writer, const char* name) : writer_{writer} { writer_.start(name); }
    ~Scope() { writer_.end(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    XmlWriter& writer_;
  };
  [[nodiscard]] Scope in(const char* name) { return Scope{*this, name}; }

  /// A code or number of our own making.
  void plain(const char* name, std::string_view value);
  /// One of these words; another is an error.
  void code(const char* name, std::string_view value,
            std::initializer_list<std::string_view> words);
  /// An identifier of 1 to 35 characters. Empty is an error.
  void id(const char* name, std::string_view value);
  /// The same, left out when empty.
  void optional_id(const char* name, std::string_view value);
  /// Free text, cut to `max` characters; left out when empty.
  void text(const char* name, std::string_view value, std::size_t max);
  /// Left out when empty; malformed is an error.
  void optional_uetr(const char* name, std::string_view value);
  void optional_date(const char* name, std::string_view value);
  void optional_date_time(const char* name, std::string_view value);
  void date_time(const char* name, std::string_view value);
  void money(const char* name, const Money& money);

  /// name/FinInstnId with BIC, LEI and name, whichever are there.
  void agent(const char* name, const Agent& agent);
  /// The same, left out when the BIC is empty.
  void optional_agent(const char* name, std::string_view bic);
  /// Party40Choice with an agent.
  void assignee(const char* name, const Agent& agent);
  /// A reason block: name/Rsn and name/AddtlInf.
  void reason(const char* name, const StatusReason& reason);
  /// OrgnlGrpInf, where the original has a message id and name.
  void optional_original_group(const OriginalPayment& original);

  [[nodiscard]] std::expected<std::string, WriteError> finish();

 private:
  struct BufferDeleter {
    void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
  };
  struct WriterDeleter {
    void operator()(xmlTextWriter* writer) const { xmlFreeTextWriter(writer); }
  };

  void fail(const char* name, std::string_view value, std::string_view why);
  void note(int result);

  std::unique_ptr<xmlBuffer, BufferDeleter> buffer_;
  std::unique_ptr<xmlTextWriter, WriterDeleter> writer_;
  std::vector<const char*> path_;
  std::optional<WriteError> error_;
};

/// The text with what XML 1.0 cannot carry replaced by "?".
[[nodiscard]] std::string fit_for_xml(std::string_view text);

}  // namespace hugang::iso20022
