# What the wheel holds that pip does not know of, in its .dist-info/sboms (PEP 770): headers compiled in, networks, statistics.
# Nothing in it depends on when or where it is built.
set(FASTQR_SBOM_MODELS "")
set(FASTQR_SBOM_MODEL_REFS "")
file(GLOB models CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/fastqr/models/*.onnx
     ${PROJECT_SOURCE_DIR}/python/fastqr/models/*.npz)
foreach(model IN LISTS models)
  get_filename_component(name ${model} NAME)
  file(SHA256 ${model} sha256)
  set(license Apache-2.0)
  if(name STREQUAL "text.npz")  # of wordfreq's data: python/fastqr/models/NOTICE
    set(license CC-BY-SA-4.0)
  endif()
  string(APPEND FASTQR_SBOM_MODEL_REFS ", \"models/${name}\"")
  string(APPEND FASTQR_SBOM_MODELS ",
    {
      \"type\": \"machine-learning-model\",
      \"bom-ref\": \"models/${name}\",
      \"name\": \"fastqr/models/${name}\",
      \"version\": \"${FASTQR_VERSION}\",
      \"hashes\": [{\"alg\": \"SHA-256\", \"content\": \"${sha256}\"}],
      \"licenses\": [{\"license\": {\"id\": \"${license}\"}}]
    }")
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/sbom.cdx.json.in fastqr.cdx.json @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/fastqr.cdx.json DESTINATION ${SKBUILD_METADATA_DIR}/sboms)
