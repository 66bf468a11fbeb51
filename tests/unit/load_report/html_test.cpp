#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libxml/HTMLparser.h>
#include <libxml/tree.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "clients/load/report/markup.hpp"
#include "clients/load/report/outputs.hpp"
#include "clients/load/report/plot.hpp"
#include "tests/unit/load_report/sample_run.hpp"

namespace hugang::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string page_of(const RunRecord& record) {
  std::ostringstream out;
  write_html(record, out);
  return out.str();
}

RunRecord rich_run() {
  return sample_run({.seconds = 90,
                     .rate = 150,
                     .stall_second = 40,
                     .stall_length = 5,
                     .error_share = 0.01,
                     .batch = 100,
                     .has_second_kind = true});
}

/// The page as libxml2 reads it.
class Page {
 public:
  explicit Page(const std::string& html) {
    xmlSetStructuredErrorFunc(&errors_, [](void* errors, xmlErrorPtr error) {
      // Its parser knows the elements of HTML 4; main, figure and svg are of HTML 5.
      if (error->code == XML_HTML_UNKNOWN_TAG) return;
      static_cast<std::vector<std::string>*>(errors)->emplace_back(std::to_string(error->line) +
                                                                   ": " + error->message);
    });
    document_.reset(htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr, "UTF-8",
                                   HTML_PARSE_NONET | HTML_PARSE_NOWARNING));
    xmlSetStructuredErrorFunc(nullptr, nullptr);
    walk(xmlDocGetRootElement(document_.get()));
  }

  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
  [[nodiscard]] std::size_t count(const std::string& element) const {
    const auto found = elements_.find(element);
    return found == elements_.end() ? 0 : found->second;
  }
  [[nodiscard]] const std::multiset<std::string>& ids() const { return ids_; }
  [[nodiscard]] const std::set<std::string>& attributes() const { return attributes_; }
  /// The texts of the <script> elements that carry a chart's values.
  [[nodiscard]] const std::map<std::string, std::string>& data() const { return data_; }

 private:
  void walk(const xmlNode* node) {
    for (; node != nullptr; node = node->next) {
      if (node->type != XML_ELEMENT_NODE) continue;
      const std::string name = reinterpret_cast<const char*>(node->name);
      ++elements_[name];
      std::string data_for;
      for (const xmlAttr* a = node->properties; a != nullptr; a = a->next) {
        const std::string attribute = reinterpret_cast<const char*>(a->name);
        attributes_.insert(attribute);
        const std::string value = text_of(a->children);
        if (attribute == "id") ids_.insert(value);
        if (attribute == "data-for") data_for = value;
      }
      if (!data_for.empty()) data_[data_for] = text_of(node->children);
      walk(node->children);
    }
  }
  static std::string text_of(const xmlNode* node) {
    std::string text;
    for (; node != nullptr; node = node->next) {
      if (node->content != nullptr) text += reinterpret_cast<const char*>(node->content);
    }
    return text;
  }

  std::vector<std::string> errors_;
  std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document_{nullptr, xmlFreeDoc};
  std::map<std::string, std::size_t> elements_;
  std::multiset<std::string> ids_;
  std::set<std::string> attributes_;
  std::map<std::string, std::string> data_;
};

TEST(LoadPage, IsWellFormedWithUniqueNames) {
  for (const RunRecord& record : {rich_run(), sample_run({}), RunRecord{}}) {
    const Page page{page_of(record)};
    EXPECT_THAT(page.errors(), IsEmpty());
    EXPECT_EQ(page.count("h1"), 1U);
    EXPECT_EQ(page.count("main"), 1U);
    EXPECT_EQ(page.ids().size(),
              std::set<std::string>(page.ids().begin(), page.ids().end()).size());
  }
}

TEST(LoadPage, HasAChartForEachQuestion) {
  const Page page{page_of(rich_run())};
  for (const char* id : {"latency", "throughput", "transfers", "errors", "refusals", "percentiles",
                         "distribution"}) {
    EXPECT_TRUE(page.ids().contains(id)) << id;
    EXPECT_TRUE(page.data().contains(id)) << id;
  }
  EXPECT_EQ(page.count("figure"), 7U);
}

TEST(LoadPage, CarriesAValueForEveryPlaceOfThePointer) {
  const Page page{page_of(rich_run())};
  for (const auto& [id, text] : page.data()) {
    const auto data = nlohmann::json::parse(text);
    const std::size_t places = data["x"].size();
    EXPECT_GT(places, 10U) << id;
    EXPECT_EQ(data["t"].size(), places) << id;
    EXPECT_FALSE(data["s"].empty()) << id;
    for (const auto& series : data["s"]) {
      EXPECT_EQ(series["v"].size(), places) << id;
      EXPECT_TRUE(series["y"].empty() || series["y"].size() == places) << id;
    }
  }
  const auto latency = nlohmann::json::parse(page.data().at("latency"));
  EXPECT_EQ(latency["t"][42], "second 42");
  EXPECT_EQ(latency["s"][0]["v"][42], "no answer");
  EXPECT_TRUE(latency["s"][0]["y"][42].is_null());
  EXPECT_THAT(latency["s"][0]["v"][45].get<std::string>(), testing::EndsWith(" s"));
}

TEST(LoadPage, NeedsNothingFromElsewhere) {
  const std::string html = page_of(rich_run());
  const Page page{html};
  for (const char* attribute : {"src", "href", "xlink:href", "srcset", "action", "background"}) {
    EXPECT_FALSE(page.attributes().contains(attribute)) << attribute;
  }
  for (const char* element : {"link", "img", "iframe", "object", "embed", "use", "image"}) {
    EXPECT_EQ(page.count(element), 0U) << element;
  }
  for (const char* text : {"url(", "@import", "fetch(", "https:", "XMLHttpRequest"}) {
    EXPECT_THAT(html, Not(HasSubstr(text)));
  }
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(LoadPage, LetsNoTextFromOutsideBecomeMarkup) {
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror='a()'>\"&<!--";
  RunRecord plain = rich_run();
  RunRecord record = rich_run();
  record.program_version = evil;
  record.target = evil;
  record.scenario_name = evil;
  record.scenario_text = evil;
  record.scenario_summary.push_back({evil, evil});
  record.ending = Ending::kFailed;
  record.ending_sentence = evil;
  record.honesty.sentence = evil;
  record.machine = {evil, 2, 1, evil};
  record.phases.push_back({evil, 0, 1, true});
  record.servers[0] = {evil, evil, {{evil, evil}}, {{evil, evil}}};
  for (OperationKind& kind : record.kinds) {
    kind.name = evil;
    kind.errors = {{evil, 7}};
    kind.refused = {{evil, 7}};
  }
  for (Second& second : record.seconds) {
    second.errors = {{evil, 1}};
    second.refused = {{evil, 1}};
  }
  const Page page{page_of(record)};
  EXPECT_THAT(page.errors(), IsEmpty());
  EXPECT_EQ(page.count("img"), 0U);
  EXPECT_EQ(page.count("script"), Page{page_of(plain)}.count("script"));
  EXPECT_FALSE(page.attributes().contains("onerror"));
  EXPECT_THAT(page_of(record), Not(HasSubstr("<script>alert")));
  const auto errors = nlohmann::json::parse(page.data().at("errors"));
  EXPECT_EQ(errors["s"][0]["n"], evil) << "what is shown at the pointer is the text itself";
}

TEST(LoadPage, ClaimsNoRateThatTheClientCouldNotOffer) {
  RunRecord record = rich_run();
  record.honesty.verdict = Verdict::kClientTooSlow;
  EXPECT_THAT(page_of(record), HasSubstr("not claimed"));
  EXPECT_THAT(page_of(record), Not(HasSubstr("offered every request")));
}

TEST(LoadPage, StaysSmallForALongRun) {
  const RunRecord record = sample_run({.seconds = 3 * 3600, .rate = 2});
  const std::string html = page_of(record);
  EXPECT_LT(html.size(), std::size_t{2} << 20);
  EXPECT_THAT(html, HasSubstr("2 min 18 s to 2 min 41 s"));
}

TEST(Markup, ReplacesWhatHtmlDoesNotAllow) {
  EXPECT_EQ(html_text("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(html_text("line\n\tnext"), "line\n\tnext");
  EXPECT_EQ(html_text("\x01\xff"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(html_text("沪港"), "沪港");
  EXPECT_EQ(script_json("\"</script>&\""), "\"\\u003c/script\\u003e\\u0026\"");
}

TEST(Plot, ChoosesRoundSteps) {
  EXPECT_THAT(round_steps(0, 10, 5), testing::ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(round_steps(3, 47, 5), testing::ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(round_steps(0, 0.3, 3), testing::ElementsAre(0, 0.1, 0.2, testing::DoubleEq(0.3)));
}

TEST(Plot, CutsWhatLiesOutsideOfAnAxis) {
  const Axis axis = Axis::logarithmic(1, 100, 0, 10);
  EXPECT_DOUBLE_EQ(axis.at(10), 5);
  EXPECT_DOUBLE_EQ(axis.at(0), 0);
  EXPECT_DOUBLE_EQ(axis.at(1e9), 10);
}

/// Writes example pages for eyes, when HUGANG_LOAD_PAGES names a folder.
TEST(LoadPage, CanBeLookedAt) {
  const char* folder = std::getenv("HUGANG_LOAD_PAGES");
  if (folder == nullptr) GTEST_SKIP() << "HUGANG_LOAD_PAGES names no folder";
  const std::string base = folder;
  std::ofstream{base + "/rich.html"} << page_of(rich_run());
  std::ofstream{base + "/plain.html"}
      << page_of(sample_run({.seconds = 600, .rate = 300, .wander = 0.2}));
  std::ofstream{base + "/empty.html"} << page_of(RunRecord{});
}

}  // namespace
}  // namespace hugang::report
