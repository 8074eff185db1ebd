"""A ROS 2 node: ``python ros2_node.py --ros-args -r image:=/camera/image_raw -p min_size:=40.0``.

It reads the newest frame of ``image`` (sensor_msgs/Image), and publishes for each of them, under the frame's header:
``~/symbols`` (vision_msgs/Detection2DArray), with the text as the class and the confidence as the score, and
``~/corners`` (geometry_msgs/PolygonStamped), one a symbol in the same order: top left, top right, bottom right and
bottom left corner of the symbol as it is read, x and y in pixels, (0.5, 0.5) the centre of the first.

It needs ROS 2 with cv_bridge and vision_msgs, and fastqr in ROS's Python (`pip install fastqr`).
"""

from __future__ import annotations

import rclpy
from cv_bridge import CvBridge
from geometry_msgs.msg import Point32, Polygon, PolygonStamped
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose

import fastqr


class Reader(Node):
    """Reads codes of a camera's frames."""

    def __init__(self) -> None:
        super().__init__("fastqr")
        self.declare_parameter("effort", "balanced")
        self.declare_parameter("min_size", 16.0)
        self.declare_parameter("budget_ms", 50.0)
        names = ("effort", "min_size", "budget_ms")
        self._scanner = fastqr.Scanner(**{name: self.get_parameter(name).value for name in names})
        self._bridge = CvBridge()
        self._symbols = self.create_publisher(Detection2DArray, "~/symbols", 10)
        self._corners = self.create_publisher(PolygonStamped, "~/corners", 10)
        # Sensor data: only the newest frames are kept, those that come while one is searched are dropped.
        self.create_subscription(Image, "image", self._read, qos_profile_sensor_data)

    def _read(self, message: Image) -> None:
        colour = "mono8" if message.encoding in ("mono8", "mono16") else "bgr8"
        symbols = self._scanner.decode(self._bridge.imgmsg_to_cv2(message, colour))
        detections = Detection2DArray(header=message.header)
        for symbol in symbols:
            detections.detections.append(self._detection(message, symbol))
            points = [Point32(x=float(x), y=float(y)) for x, y in symbol.quad]
            self._corners.publish(PolygonStamped(header=message.header, polygon=Polygon(points=points)))
        self._symbols.publish(detections)

    def _detection(self, message: Image, symbol: fastqr.Symbol) -> Detection2D:
        hypothesis = ObjectHypothesisWithPose()
        hypothesis.hypothesis.class_id = symbol.text
        hypothesis.hypothesis.score = symbol.confidence
        detection = Detection2D(header=message.header, results=[hypothesis])
        (left, top), (right, bottom) = symbol.quad.min(0), symbol.quad.max(0)
        detection.bbox.center.position.x = float(left + right) / 2
        detection.bbox.center.position.y = float(top + bottom) / 2
        detection.bbox.size_x, detection.bbox.size_y = float(right - left), float(bottom - top)
        return detection


def main() -> None:
    """Read frames until Ctrl-C."""
    rclpy.init()
    node = Reader()
    try:
        rclpy.spin(node)
    except KeyboardInterrupt:
        pass
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
