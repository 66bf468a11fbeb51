#include "services/tls/tls_files.hpp"

#include <fstream>

#include "edge_fixture.hpp"

namespace hugang::tls {
namespace {

namespace fs = std::filesystem;

base::Timestamp now_plus_days(std::int64_t days) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return base::Timestamp{
      std::chrono::duration_cast<std::chrono::nanoseconds>(now + std::chrono::days{days}).count()};
}

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFilesTest() {
    const fs::path& from = edge::pki();
    copy_ = from / "copy";
    fs::remove_all(copy_);
    fs::copy(from / "shanghai", copy_, fs::copy_options::recursive);
    files_ = {.certificate = copy_ / "node.pem",
              .private_key = copy_ / "node.key",
              .trusted_cas = copy_ / "ca-bundle.pem"};
  }
  ~TlsFilesTest() override { fs::remove_all(copy_); }

  /// The sentence of the refusal; empty where there is none.
  [[nodiscard]] std::string refusal(std::string_view node = "shanghai", std::int64_t days = 0) {
    const auto loaded = load_tls(files_, node, now_plus_days(days));
    return loaded ? "" : loaded.error();
  }
  static void write(const fs::path& path, const std::string& text, bool appends = false) {
    std::ofstream{path, appends ? std::ios::app : std::ios::trunc} << text;
  }
  static std::string read(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  fs::path copy_;
  TlsFiles files_;
};

void expect_says(const std::string& sentence, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    EXPECT_NE(sentence.find(part), std::string::npos) << "'" << part << "' not in: " << sentence;
  }
}

TEST_F(TlsFilesTest, TakesWhatThePkiScriptMakes) {
  const auto loaded = load_tls(files_, "shanghai", now_plus_days(0));
  ASSERT_TRUE(loaded.has_value()) << loaded.error();
  EXPECT_GT(loaded->certificate_expires_at, now_plus_days(80));
  EXPECT_LT(loaded->certificate_expires_at, now_plus_days(91));
}

TEST_F(TlsFilesTest, SaysWhichFileIsMissing) {
  files_.certificate = "";
  expect_says(refusal(), {"certificate", "no file is named"});
  files_.certificate = copy_ / "gone.pem";
  expect_says(refusal(), {"gone.pem", "does not exist", "make-pki.sh"});
  files_.certificate = copy_;
  expect_says(refusal(), {"is not a file"});
}

TEST_F(TlsFilesTest, SaysWhatIsNoCertificate) {
  write(files_.certificate, "hello\n");
  expect_says(refusal(), {"node.pem", "no PEM certificate"});
  write(files_.certificate, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  expect_says(refusal(), {"node.pem"});
  write(files_.certificate, std::string((1 << 20) + 1, 'x'));
  expect_says(refusal(), {"larger than a megabyte"});
}

TEST_F(TlsFilesTest, SaysThatTheKeyIsOpenToOthersOrAnothers) {
  fs::permissions(files_.private_key, fs::perms::others_read, fs::perm_options::add);
  expect_says(refusal(), {"node.key", "chmod 600"});
  files_.private_key = copy_ / "clients/operator.key";
  expect_says(refusal(), {"operator.key", "does not belong"});
}

TEST_F(TlsFilesTest, SaysThatACertificateIsNotValidNow) {
  expect_says(refusal("shanghai", 100), {"node.pem", "has expired", "renew"});
  expect_says(refusal("shanghai", -2), {"not valid before", "clock"});
}

TEST_F(TlsFilesTest, SaysThatTheCertificateNamesAnotherNode) {
  expect_says(refusal("hongkong"), {"does not name hugang://hongkong/node"});
  files_.certificate = copy_ / "clients/operator.pem";
  files_.private_key = copy_ / "clients/operator.key";
  expect_says(refusal(), {"does not name hugang://shanghai/node"});
}

TEST_F(TlsFilesTest, NeedsThisNodesOwnCaInTheBundle) {
  fs::copy_file(edge::pki() / "hongkong/ca.pem", files_.trusted_cas,
                fs::copy_options::overwrite_existing);
  expect_says(refusal(), {"no authority", "own CA"});
}

TEST_F(TlsFilesTest, RefusesAuthoritiesThatMayIssueForThisNode) {
  const std::string good = read(files_.trusted_cas);
  const auto make_ca = [this](const std::string& extension) {
    const fs::path made = copy_ / "other-ca.pem";
    const auto result = edge::run_command(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3 -subj "
        "/CN=other"
        " -addext keyUsage=critical,keyCertSign " +
        extension + " -keyout /dev/null -out " + made.string());
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return read(made);
  };
  write(files_.trusted_cas, good + make_ca(""));
  expect_says(refusal(), {"CN=other", "may issue for every node"});
  write(files_.trusted_cas, good + make_ca("-addext 'nameConstraints=permitted;DNS:localhost'"));
  expect_says(refusal(), {"may issue for every node"});
  write(files_.trusted_cas, good + make_ca("-addext 'nameConstraints=permitted;URI:shanghai'"));
  expect_says(refusal(), {"may issue for shanghai"});
  write(files_.trusted_cas, good + make_ca("-addext 'nameConstraints=permitted;URI:singapore'"));
  EXPECT_EQ(refusal(), "");
  write(files_.trusted_cas, good + read(copy_ / "clients/operator.pem"));
  expect_says(refusal(), {"not that of an authority"});
}

}  // namespace
}  // namespace hugang::tls
