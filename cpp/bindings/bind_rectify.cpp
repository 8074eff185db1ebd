#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "arrays.hpp"
#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/anchors.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/displacement.hpp"
#include "fastqr/rectify/module_levels.hpp"
#include "fastqr/rectify/patch_normalisation.hpp"
#include "fastqr/rectify/registration.hpp"
#include "fastqr/rectify/resample.hpp"
#include "fastqr/rectify/size.hpp"
#include "geometry_arrays.hpp"
#include "pixels.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace fastqr;
using namespace fastqr::bindings;

namespace {

Region region_of(const FloatArray& box) {
    if (box.ndim() != 1 || box.shape(0) != 4) throw py::value_error("box must have shape (4,), got " + shape_of(box));
    for (py::ssize_t i = 0; i < 4; ++i)
        if (!(std::abs(box.at(i)) < 1e7F))
            throw py::value_error("box must be finite and below 1e7 pixels, got " + std::to_string(box.at(i)));
    const int x = static_cast<int>(std::floor(box.at(0)));
    const int y = static_cast<int>(std::floor(box.at(1)));
    // A box that lies within one pixel, or has no area, still looks at that pixel.
    const auto end = [](float from, float to, int first) {
        return to >= from ? std::max(static_cast<int>(std::ceil(to)), first + 1) : static_cast<int>(std::ceil(to));
    };
    return {x, y, end(box.at(0), box.at(2), x), end(box.at(1), box.at(3), y)};
}

MipMap mip_map(const py::array& image, const FloatArray& box, int factor) {
    const ImageView view = view_of(image);
    require_pixels(view);
    if (factor < 1) throw py::value_error("factor must be at least 1, got " + std::to_string(factor));
    const Region region = region_of(box);
    if (region.x1 >= view.width || region.y1 >= view.height || region.x2 <= 0 || region.y2 <= 0 ||
        region.x2 <= region.x1 || region.y2 <= region.y1)
        throw py::value_error("box must overlap the image");
    py::gil_scoped_release release;
    return MipMap(view, region, factor);
}

DoubleArray fit(const DoubleArray& source, const DoubleArray& target) {
    const std::vector<Point> from = points_of(source, "source");
    const std::vector<Point> to = points_of(target, "target");
    if (from.size() != to.size() || from.size() < 4)
        throw py::value_error("source and target must be the same number of 4 or more points, got " + shape_of(source) +
                              " and " + shape_of(target));
    const auto homography = fit_homography(from, to);
    if (!homography) throw py::value_error("source and target must span an area, got points on a line");
    return array_of(*homography);
}

py::array_t<float> lattice_of(const DoubleArray& homography, int size, int margin) {
    if (size < 1 || size > 177) throw py::value_error("size must be 1 to 177 modules, got " + std::to_string(size));
    if (margin < 0 || margin > 64)
        throw py::value_error("margin must be 0 to 64 modules, got " + std::to_string(margin));
    return array_of(homography_lattice(homography_of(homography), size, margin));
}

py::array_t<float> resample(const py::object& image, const FloatArray& nodes, int pixels) {
    const PictureOrMap view(image);
    if (pixels < 1 || pixels > 64)
        throw py::value_error("pixels_per_module must be 1 to 64, got " + std::to_string(pixels));
    const Lattice lattice = lattice_from(nodes);
    std::vector<float> patch;
    {
        py::gil_scoped_release release;
        patch = resample_lattice(*view, lattice, pixels);
    }
    const py::ssize_t side = lattice.cells * pixels;
    return to_array(std::move(patch), {side, side});
}

py::array_t<float> warped(const py::object& image, const DoubleArray& homography, int height, int width) {
    const PictureOrMap view(image);
    if (height < 1 || width < 1 || height > 16384 || width > 16384)
        throw py::value_error("height and width must be 1 to 16384, got " + std::to_string(height) + " and " +
                              std::to_string(width));
    const Homography map = homography_of(homography);
    std::vector<float> result;
    {
        py::gil_scoped_release release;
        result = warp(*view, map, height, width);
    }
    return to_array(std::move(result), {height, width});
}

py::array_t<float> warped_patches(const py::object& image, const DoubleArray& homographies, int size) {
    const PictureOrMap view(image);
    if (homographies.ndim() != 3 || homographies.shape(1) != 3 || homographies.shape(2) != 3)
        throw py::value_error("homographies must have shape (M, 3, 3), got " + shape_of(homographies));
    if (size < 1 || size > 1024) throw py::value_error("size must be 1 to 1024, got " + std::to_string(size));
    const py::ssize_t count = homographies.shape(0);
    std::vector<Homography> maps(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < maps.size(); ++i)
        std::copy(homographies.data() + 9 * i, homographies.data() + 9 * (i + 1), maps[i].h.begin());
    std::vector<float> result;
    {
        py::gil_scoped_release release;
        result = unit_patches(*view, maps, size);
    }
    return to_array(std::move(result), {count, 1, size, size});
}

FinderCorners finder_corners_of(const DoubleArray& corners) {
    if (corners.ndim() != 3 || corners.shape(0) != 3 || corners.shape(1) != 4 || corners.shape(2) != 2)
        throw py::value_error("corners must have shape (3, 4, 2), got " + shape_of(corners));
    FinderCorners finders{};
    for (std::size_t f = 0; f < 3; ++f)
        for (std::size_t k = 0; k < 4; ++k) {
            const double* p = corners.data() + 2 * (4 * f + k);
            if (!std::isfinite(p[0]) || !std::isfinite(p[1]))
                throw py::value_error("corners must be finite, got NaN or infinity");
            finders[f][k] = {p[0], p[1]};
        }
    return finders;
}

py::tuple sizes_of(const DoubleArray& corners, int top) {
    const FinderCorners finders = finder_corners_of(corners);
    std::vector<SizeFit> fits;
    {
        py::gil_scoped_release release;
        fits = fit_sizes(finders, top);
    }
    std::vector<std::int32_t> sizes;
    std::vector<double> residuals;
    std::vector<double> homographies;
    for (const SizeFit& fit : fits) {
        sizes.push_back(fit.size);
        residuals.push_back(fit.residual);
        homographies.insert(homographies.end(), fit.homography.h.begin(), fit.homography.h.end());
    }
    const auto count = static_cast<py::ssize_t>(fits.size());
    return py::make_tuple(to_array(std::move(sizes), {count}), to_array(std::move(homographies), {count, 3, 3}),
                          to_array(std::move(residuals), {count}));
}

py::tuple registered(const py::object& image, const DoubleArray& homography, int size, bool refine) {
    const PictureOrMap view(image);
    require_symbol_size(size);
    const Homography start = homography_of(homography);
    Registration result;
    {
        py::gil_scoped_release release;
        result = refine ? register_patterns(*view, start, size) : pattern_agreement(*view, start, size);
    }
    return py::make_tuple(array_of(result.homography), result.score(), result.inverted ? -1 : 1);
}

py::array_t<float> displace(const FloatArray& nodes, const FloatArray& displacement, const FloatArray& log_error,
                            int degree) {
    const Lattice lattice = lattice_from(nodes);
    const py::ssize_t cells = lattice.cells;
    if (displacement.ndim() != 3 || displacement.shape(0) != 2 || displacement.shape(1) != cells ||
        displacement.shape(2) != cells)
        throw py::value_error("displacement must have shape (2, S, S) for nodes (S + 1, S + 1, 2), got " +
                              shape_of(displacement));
    if (log_error.ndim() != 2 || log_error.shape(0) != cells || log_error.shape(1) != cells)
        throw py::value_error("log_error must have shape (S, S) for nodes (S + 1, S + 1, 2), got " +
                              shape_of(log_error));
    Lattice result;
    {
        py::gil_scoped_release release;
        result = displaced(lattice, displacement.data(), log_error.data(), degree);
    }
    return array_of(std::move(result));
}

py::tuple grow(const py::object& image, const DoubleArray& homography, int size, int margin) {
    const PictureOrMap view(image);
    require_symbol_size(size);
    if (margin < 0 || margin > 64)
        throw py::value_error("margin must be 0 to 64 modules, got " + std::to_string(margin));
    const Homography start = homography_of(homography);
    GrownLattice grown;
    {
        py::gil_scoped_release release;
        grown = grow_anchors(*view, start, size, margin);
    }
    return py::make_tuple(array_of(std::move(grown.lattice)), grown.found, grown.agreement);
}

py::tuple ranked_frames(const py::object& image, const DoubleArray& square, double inset, int top) {
    const PictureOrMap view(image);
    const std::vector<Point> corners = points_of(square, "square");
    if (corners.size() != 4) throw py::value_error("square must have shape (4, 2), got " + shape_of(square));
    if (!(inset >= 0 && inset < 10))
        throw py::value_error("inset must be 0 to 10 modules, got " + std::to_string(inset));
    std::vector<RankedFrame> frames;
    {
        py::gil_scoped_release release;
        frames = rank_frames(*view, {corners[0], corners[1], corners[2], corners[3]}, inset, top);
    }
    std::vector<std::int32_t> sizes;
    std::vector<double> scores;
    std::vector<double> homographies;
    for (const RankedFrame& frame : frames) {
        sizes.push_back(frame.size);
        scores.push_back(frame.score);
        homographies.insert(homographies.end(), frame.homography.h.begin(), frame.homography.h.end());
    }
    const auto count = static_cast<py::ssize_t>(frames.size());
    return py::make_tuple(to_array(std::move(sizes), {count}), to_array(std::move(homographies), {count, 3, 3}),
                          to_array(std::move(scores), {count}));
}

py::tuple bent(const py::object& image, const DoubleArray& homography, int size, int margin,
               const std::optional<DoubleArray>& corners) {
    const PictureOrMap view(image);
    require_symbol_size(size);
    if (margin < 0 || margin > 64)
        throw py::value_error("margin must be 0 to 64 modules, got " + std::to_string(margin));
    const Homography start = homography_of(homography);
    std::optional<FinderCorners> finders;
    if (corners) finders = finder_corners_of(*corners);
    BentLattice result;
    {
        py::gil_scoped_release release;
        result = finders ? bend_lattice(*view, start, registered_corners(*view, *finders), size, margin)
                         : bend_lattice(*view, start, size, margin);
    }
    return py::make_tuple(array_of(std::move(result.lattice)), result.largest);
}

py::array_t<float> normalised(const FloatArray& patch, int cells) {
    if (cells < 1 || cells > 305) throw py::value_error("cells must be 1 to 305, got " + std::to_string(cells));
    if (patch.ndim() != 2 || patch.shape(0) != patch.shape(1) || patch.shape(0) < 1 || patch.shape(0) % cells != 0)
        throw py::value_error("patch must have shape (P, P) with P a multiple of " + std::to_string(cells) +
                              " cells, got " + shape_of(patch));
    const py::ssize_t side = patch.shape(0);
    const std::vector<float> values(patch.data(), patch.data() + patch.size());
    std::vector<float> result;
    {
        py::gil_scoped_release release;
        result = normalised_patch(values, cells, static_cast<int>(side) / cells);
    }
    return to_array(std::move(result), {side, side});
}

}  // namespace

void register_rectify(py::module_& module) {
    py::class_<MipMap>(module, "MipMap")
        .def(py::init(&mip_map), py::arg("image"), py::arg("box"), py::arg("factor") = 1, py::keep_alive<1, 2>())
        .def(
            "with_light_levelled",
            [](const MipMap& self, double share, const std::optional<FloatArray>& box) {
                if (!(share > 0 && share <= 1))
                    throw py::value_error("share must lie in (0, 1], got " + std::to_string(share));
                const Region part = box ? region_of(*box) : self.region();
                py::gil_scoped_release release;
                return self.with_light_levelled(share, part);
            },
            py::arg("share"), py::arg("box") = py::none());
    module.def("homography", &fit, py::arg("source"), py::arg("target"));
    module.def("homography_lattice", &lattice_of, py::arg("homography"), py::arg("size"), py::arg("margin") = 2);
    module.def("resample_lattice", &resample, py::arg("image"), py::arg("nodes"), py::arg("pixels_per_module") = 4);
    module.def("warp", &warped, py::arg("image"), py::arg("homography"), py::arg("height"), py::arg("width"));
    module.def("warp_patches", &warped_patches, py::arg("image"), py::arg("homographies"), py::arg("size"));
    module.attr("LOCAL_CELLS") = kLocalCells;
    module.def("normalise_patch", &normalised, py::arg("patch"), py::arg("cells"));
    module.def("fit_sizes", &sizes_of, py::arg("corners"), py::arg("top") = 5);
    module.def(
        "refine_homography",
        [](const py::object& image, const DoubleArray& homography, int size) {
            return registered(image, homography, size, true);
        },
        py::arg("image"), py::arg("homography"), py::arg("size"));
    module.def(
        "pattern_score",
        [](const py::object& image, const DoubleArray& homography, int size) {
            return registered(image, homography, size, false)[1].cast<double>();
        },
        py::arg("image"), py::arg("homography"), py::arg("size"));
    module.def("rank_frames", &ranked_frames, py::arg("image"), py::arg("square"), py::arg("inset"),
               py::arg("top") = 6);
    module.def("displace_lattice", &displace, py::arg("nodes"), py::arg("displacement"), py::arg("log_error"),
               py::arg("degree"));
    module.def("bend_lattice", &bent, py::arg("image"), py::arg("homography"), py::arg("size"), py::arg("margin") = 2,
               py::arg("corners") = py::none());
    module.def("grow_anchors", &grow, py::arg("image"), py::arg("homography"), py::arg("size"), py::arg("margin") = 2);
}
