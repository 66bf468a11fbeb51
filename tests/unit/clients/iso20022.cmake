hugang_add_test(iso20022_test unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/iso20022_identifiers_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/iso20022_mutation_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/iso20022_reader_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/iso20022_writer_test.cpp
  LIBRARIES hugang::iso20022)

# The built-in grammar is what the schemas say; skipped where the schemas are absent.
set(HUGANG_XSD_FOLDER ${PROJECT_SOURCE_DIR}/../shared/conformance/iso20022/xsd)
if(DEFINED ENV{HUGANG_SHARED})
  set(HUGANG_XSD_FOLDER $ENV{HUGANG_SHARED}/conformance/iso20022/xsd)
endif()
add_test(NAME iso20022_grammar_is_current
  COMMAND python3 ${PROJECT_SOURCE_DIR}/clients/iso20022/grammar/make_grammar.py
          ${HUGANG_XSD_FOLDER} --check)
set_tests_properties(iso20022_grammar_is_current PROPERTIES LABELS unit SKIP_RETURN_CODE 77
  TIMEOUT 120)
